import { encodeGreeting, ServerState, type Notification } from '@menagerie/zookeeper-protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ElectionLinks } from './election-links.js';
import { plainTransport } from '../tls/index.js';
import { closeServer, listen } from './listen.js';
import { recordingLog, until, visit } from './net.fixtures.js';
import { createServer } from 'node:net';

const vote = (round: number): Notification => ({
  state: ServerState.LOOKING,
  leader: 1n,
  zxid: 0n,
  electionEpoch: BigInt(round),
  peerEpoch: 0n,
  version: 2,
  config: '',
});

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  await closeServer(server, []);
  return port;
}

async function pair() {
  const ports = new Map([
    [1, await freePort()],
    [2, await freePort()],
  ]);
  const heard: [at: number, from: number, round: number][] = [];
  const log = recordingLog();
  const open = async (self: number) => {
    const address = { host: '127.0.0.1', port: ports.get(self) as number };
    const links = await ElectionLinks.open({
      self,
      listenOn: address,
      announce: address,
      addressOf: (server) => (ports.has(server) ? { host: '127.0.0.1', port: ports.get(server) as number } : null),
      onNotification: (from, notification) => heard.push([self, from, Number(notification.electionEpoch)]),
      transport: plainTransport,
      connectTimeoutMs: 2000,
      log,
    });
    onTestFinished(() => links.close());
    return links;
  };
  return { open, heard, ports, log };
}

describe('the election port', () => {
  it.each([
    ['the larger id', 2, 1],
    ['the smaller id, which is dialled back,', 1, 2],
  ])('a notification of %s arrives', async (_, from, to) => {
    const { open, heard } = await pair();
    const links = new Map([
      [1, await open(1)],
      [2, await open(2)],
    ]);
    links.get(from)?.send(to, vote(1));
    await until('heard', () => heard.length > 0);
    expect(heard[0]).toEqual([to, from, 1]);
    links.get(to)?.send(from, vote(2));
    await until('answered', () => heard.some(([at]) => at === from));
  });

  it('only the newest of what was sent to a server that was away is delivered', async () => {
    const { open, heard } = await pair();
    const first = await open(2);
    for (const round of [1, 2, 3]) first.send(1, vote(round));
    await open(1);
    await until('heard', () => {
      first.send(1, vote(9));
      return heard.length > 0;
    });
    expect(heard.every(([, , round]) => round === 9)).toBe(true);
  });

  it('a connection made again by a restarted server replaces the old one', async () => {
    const { open, heard } = await pair();
    const two = await open(2);
    const one = await open(1);
    two.send(1, vote(1));
    await until('heard', () => heard.length === 1);
    await one.close();
    await open(1);
    await until('heard again', () => {
      two.send(1, vote(2));
      return heard.some(([, , round]) => round === 2);
    });
  });

  it.each([
    ['its own id', encodeGreeting(2n, [{ host: 'x', port: 1 }])],
    ['a negative id', encodeGreeting(-5n, [{ host: 'x', port: 1 }])],
    ['an address without end', Buffer.from('ffffffffffff0000' + '0000000000000001' + '7fffffff', 'hex')],
  ])('hangs up on a stranger who announces %s, with one line', async (_, greeting) => {
    const { open, ports, log } = await pair();
    await open(2);
    const stranger = visit(ports.get(2) as number);
    stranger.socket.write(greeting);
    await stranger.closed;
    expect(log.lines).toHaveLength(1);
  });

  it('skips a notification that can not be and keeps the connection (ZOOKEEPER-3769)', async () => {
    const { open, ports, heard } = await pair();
    await open(1);
    const peer = visit(ports.get(1) as number);
    peer.socket.write(encodeGreeting(2n, [{ host: '127.0.0.1', port: 1 }]));
    const message = (body: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, body.length]), body]);
    const good = Buffer.alloc(28);
    good.writeBigInt64BE(7n, 20);
    peer.socket.write(Buffer.concat([message(Buffer.alloc(3)), message(good)]));
    await until('the good one is heard', () => heard.length === 1);
    expect(heard).toEqual([[1, 2, 7]]);
  });
});
