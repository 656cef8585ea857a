import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { JuteWriter, OpCode, encodeConnectRequest, encodeReplyHeader, encodeRequestHeader } from '@menagerie/zookeeper-protocol'; // prettier-ignore
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../wait-for.js';
import { LinkProxy } from './link-proxy.js';

function framed(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  const mark = writer.beginFrame();
  write(writer);
  writer.endFrame(mark);
  return Buffer.from(writer.toBuffer());
}

const handshake = framed((writer) =>
  encodeConnectRequest(writer, {
    protocolVersion: 0,
    lastZxidSeen: 0n,
    timeoutMs: 1,
    sessionId: 0n,
    password: null,
    readOnly: false,
    hasReadOnly: true,
  }),
);
const request = (xid: number, type: number): Buffer => framed((writer) => encodeRequestHeader(writer, { xid, type }));
const reply = (xid: number): Buffer => framed((writer) => encodeReplyHeader(writer, { xid, zxid: 1n, err: 0 }));
const patience = (what: string) => ({ timeoutMs: 10_000, what });

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A server which answers each chunk by `answer`, a link to it, and clients of that link. */
async function bench(answer: (chunk: Buffer, socket: Socket) => void = (chunk, socket) => socket.write(chunk)) {
  const sockets: Socket[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined).on('data', (chunk: Buffer) => answer(chunk, socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const serverPort = (server.address() as { port: number }).port;
  const link = await LinkProxy.start({ host: '127.0.0.1', port: serverPort });
  cleanups.push(
    () => sockets.forEach((socket) => socket.destroy()),
    () => server.close(),
    () => link.close(),
  );
  const client = async () => {
    const socket = connect(link.port, link.host);
    const received: Buffer[] = [];
    const state = { received: () => Buffer.concat(received), over: false };
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    socket.on('error', () => undefined).on('close', () => (state.over = true));
    cleanups.push(() => socket.destroy());
    // A link that is cut may refuse it before it is up.
    await waitFor(() => !socket.connecting || state.over, patience('the connection'));
    return Object.assign(socket, { state });
  };
  return { link, client, serverPort };
}

describe('a link', () => {
  it('passes everything on, in both directions, and an end in good order behind the data', async () => {
    const answer = Buffer.alloc(3_000_000, 'x');
    const { link, client } = await bench((_chunk, socket) => socket.end(answer));
    const socket = await client();
    socket.write('ruok');
    await waitFor(() => socket.state.over, patience('the end'));
    expect(socket.state.received().equals(answer)).toBe(true);
    await waitFor(() => link.connectionCount === 0, patience('the link to forget the connection'));
  });

  it('that is cut ends its connections and takes no new ones until it is healed', async () => {
    const { link, client } = await bench();
    const before = await client();
    link.cut();
    await waitFor(() => before.state.over, patience('the old connection to end'));
    const during = await client();
    await waitFor(() => during.state.over, patience('the new connection to be refused'));
    link.heal();
    const after = await client();
    after.write(handshake);
    await waitFor(() => after.state.received().equals(handshake), patience('the echo'));
    expect(link.acceptedCount).toBe(3);
  });

  it('that is stalled keeps its connections and passes nothing, until it is healed', async () => {
    const { link, client, serverPort } = await bench();
    const socket = await client();
    socket.write(handshake);
    await waitFor(() => socket.state.received().length > 0, patience('the first echo'));
    link.stall();
    socket.write(request(1, OpCode.ping));
    const late = await client();
    late.write(handshake);
    // Whatever could still be on its way arrives before this exchange, which goes around the link, is over.
    const witness = connect(serverPort, '127.0.0.1');
    witness.write('echo');
    await once(witness, 'data');
    witness.destroy();
    expect(socket.state.received()).toEqual(handshake);
    expect([socket.state.over, late.state.over]).toEqual([false, false]);
    link.heal();
    await waitFor(() => socket.state.received().length > handshake.length, patience('the second echo'));
    await waitFor(() => late.state.received().equals(handshake), patience('the echo of the late one'));
  });

  it('that is slow keeps the order', async () => {
    const { link, client } = await bench();
    const socket = await client();
    link.delay(20);
    const frames = [handshake, ...[1, 2, 3, 4].map((xid) => request(xid, OpCode.getData))];
    for (const each of frames) socket.write(each);
    const all = Buffer.concat(frames);
    await waitFor(() => socket.state.received().length === all.length, patience('the echoes'));
    expect(socket.state.received()).toEqual(all);
  });

  it('loses the one reply that was asked for, with its connection, after the server has sent it', async () => {
    const { link, client } = await bench((chunk, socket) => {
      if (chunk.equals(handshake)) socket.write(handshake);
      else for (let at = 0; at < chunk.length; at += 12) socket.write(reply(chunk.readInt32BE(at + 4)));
    });
    const socket = await client();
    const lost = link.dropNextReply(({ opCode }) => opCode === OpCode.create);
    socket.write(Buffer.concat([handshake]));
    await waitFor(() => socket.state.received().length > 0, patience('the handshake'));
    socket.write(Buffer.concat([request(1, OpCode.getData), request(2, OpCode.create), request(3, OpCode.exists)]));
    expect(await lost).toEqual({ xid: 2, opCode: OpCode.create, err: 0 });
    await waitFor(() => socket.state.over, patience('the end of the connection'));
    expect(socket.state.received().includes(reply(2))).toBe(false);
    expect(socket.state.received().includes(reply(3))).toBe(false);

    const next = await client();
    next.write(handshake);
    await waitFor(() => next.state.received().length > 0, patience('the next handshake'));
    next.write(request(1, OpCode.create));
    await waitFor(() => next.state.received().includes(reply(1)), patience('a reply of the same kind'));
  });

  it('tells its clients apart from four-letter words, which it does not understand', async () => {
    const { client } = await bench((chunk, socket) => socket.end(chunk.equals(Buffer.from('ruok')) ? 'imok' : ''));
    const socket = await client();
    socket.write('ruok');
    await waitFor(() => socket.state.over, patience('the answer'));
    expect(socket.state.received().toString()).toBe('imok');
  });
});
