/**
 * Something to hurt: answers HTTP on HTTP_PORT with what it has seen, accepts links on LINK_PORT, and keeps one link of
 * its own to PEER_PORT over which it says something all the time.
 */
import { existsSync, readFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer } from 'node:net';

const { HTTP_PORT, LINK_PORT, PEER_PORT, SESSION_FILE } = process.env;
let received = 0;
createServer((socket) => {
  socket.on('data', (data) => (received += data.length));
  socket.on('error', () => undefined);
}).listen(Number(LINK_PORT), '127.0.0.1');

function dial() {
  const socket = connect(Number(PEER_PORT), '127.0.0.1');
  const timer = setInterval(() => socket.write('.'), 20);
  socket.on('error', () => undefined);
  socket.on('close', () => {
    clearInterval(timer);
    setTimeout(dial, 50);
  });
}
dial();

const sessionIds = () => (existsSync(SESSION_FILE) ? readFileSync(SESSION_FILE, 'utf8').split(',') : []);
createHttpServer((_request, response) => {
  response.end(JSON.stringify({ received, details: { zookeeper: { sessionIds: sessionIds() } } }));
}).listen(Number(HTTP_PORT), '127.0.0.1');
