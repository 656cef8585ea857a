import { createServer, type Socket } from 'node:net';
import { frame } from '@menagerie/zookeeper-protocol';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { ClientLink } from '../../core/contract/index.js';
import { ClientListener, type ClientListenerOptions } from './client-listener.js';
import type { TlsGate } from '../tls/index.js';
import { listen } from './listen.js';
import { recordingLog, until, visit } from './net.fixtures.js';
import { takeHandles, type TcpHandle } from './tcp-handle.js';

/** Lets everybody in as he is: who comes through a gate is a socket of Node's, as with TLS. */
const openGate = {
  admit: (socket: Socket, ready: (socket: Socket, peer: null) => void) => ready(socket, null),
  close: () => undefined,
} as unknown as TlsGate;

let gate: TlsGate | null = null;

async function listener(overrides: Partial<ClientListenerOptions> = {}) {
  const links: ClientLink[] = [];
  const frames: string[] = [];
  const log = recordingLog();
  const listening = await ClientListener.open({
    gate,
    maxConnectionsPerAddress: 0,
    onRejected: () => undefined,
    address: { host: '127.0.0.1', port: 0 },
    backlog: null,
    maxConnections: 0,
    sessionlessTimeoutMs: 60_000,
    maxFrameBytes: 1000,
    acceptor: {
      accept: (link) => {
        links.push(link);
        return { frames: (some) => frames.push(...some.map(String)), closed: () => frames.push('closed') };
      },
    },
    answerWord: (word) => `${word}!`,
    log,
    count: () => undefined,
    ...overrides,
  });
  onTestFinished(() => listening.close());
  return { listening, links, frames, log };
}

it('below sockets there are handles in this version of Node', async () => {
  const taken: TcpHandle[] = [];
  const server = createServer();
  onTestFinished(() => void server.close());
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  expect(takeHandles(server, (handle) => taken.push(handle))).toBe(true);
  const client = visit(port);
  await until('the handle', () => taken.length === 1);
  taken[0]!.close(() => undefined);
  await client.closed;
});

describe.each([
  ['bare handles', null],
  ['sockets', openGate],
])('the client port, on %s,', (_, through) => {
  beforeEach(() => {
    gate = through;
  });

  it('hands over frames however they are cut', async () => {
    const { listening, frames } = await listener();
    const client = visit(listening.port);
    const bytes = Buffer.concat([frame(Buffer.from('one')), frame(Buffer.from('two'))]);
    for (const byte of bytes) client.socket.write(Buffer.from([byte]));
    client.socket.write(Buffer.concat([bytes, bytes]));
    await until('six frames', () => frames.length === 6);
    expect(frames).toEqual(['one', 'two', 'one', 'two', 'one', 'two']);
  });

  it('answers a four-letter word sent byte by byte and hangs up', async () => {
    const { listening, links } = await listener();
    const client = visit(listening.port);
    for (const byte of 'ruok') client.socket.write(byte);
    await client.closed;
    expect(client.received().toString()).toBe('ruok!');
    expect(links).toEqual([]);
  });

  it.each([
    ['negative', -1],
    ['over the limit', 1001],
  ])(
    'closes a connection whose frame length is %s, with one line, and serves the frames before it',
    async (_, length) => {
      const { listening, frames, log } = await listener();
      const bad = Buffer.alloc(4);
      bad.writeInt32BE(length);
      const client = visit(listening.port);
      client.socket.write(Buffer.concat([frame(Buffer.from('good')), bad]));
      await client.closed;
      await until('the core is told', () => frames.includes('closed'));
      expect(frames).toEqual(['good', 'closed']);
      expect(log.lines).toHaveLength(1);
    },
  );

  it('closes a connection that says nothing', async () => {
    const { listening } = await listener({ sessionlessTimeoutMs: 20 });
    const client = visit(listening.port);
    client.socket.write('ru');
    await client.closed;
    expect(client.received()).toHaveLength(0);
  });

  it('refuses connections over the limit and serves those that came before', async () => {
    const { listening, frames } = await listener({ maxConnections: 1 });
    const first = visit(listening.port);
    await until('the first is in', () => listening.connections === 1);
    await visit(listening.port).closed;
    first.socket.write(frame(Buffer.from('still here')));
    await until('the first is served', () => frames.length === 1);
  });

  it('does not read from a client that does not read, and goes on when it does', async () => {
    const { listening, links, frames } = await listener();
    const client = visit(listening.port);
    client.socket.write(frame(Buffer.from('hello')));
    await until('the link', () => links.length === 1);
    client.socket.pause();
    const answer = Buffer.alloc(1 << 20);
    for (let i = 0; i < 16; i += 1) links[0]?.write(answer);
    client.socket.write(frame(Buffer.from('later')));
    expect(frames).toEqual(['hello']);
    client.socket.resume();
    await until('all answers read', () => client.received().length === 16 * answer.length);
    await until('the late request is served', () => frames.includes('later'));
  });

  it('drops a client that lets its answers pile up', async () => {
    const { listening, links, log } = await listener();
    const client = visit(listening.port);
    client.socket.write(frame(Buffer.from('hello')));
    await until('the link', () => links.length === 1);
    client.socket.pause();
    const answer = Buffer.alloc(8 << 20);
    for (let i = 0; i < 12; i += 1) links[0]?.write(answer);
    await until('the connection is gone', () => listening.connections === 0);
    expect(log.lines.map((line) => line.event)).toEqual(['client does not read its answers, dropped']);
  });

  it('answers who has said his last word already', async () => {
    const { listening } = await listener();
    const client = visit(listening.port);
    client.socket.end('ruok');
    await client.closed;
    expect(client.received().toString()).toBe('ruok!');
    await until('the connection is gone', () => listening.connections === 0);
  });

  it('sends all of a long answer before it closes, and drops what still comes', async () => {
    const { listening, links, frames } = await listener();
    const client = visit(listening.port);
    client.socket.write(frame(Buffer.from('hello')));
    await until('the link', () => links.length === 1);
    client.socket.pause();
    const answer = Buffer.alloc(8 << 20, 7);
    links[0]?.write(answer);
    links[0]?.write(Buffer.from('end'));
    links[0]?.close('enough');
    links[0]?.write(Buffer.from('never sent'));
    client.socket.write(frame(Buffer.from('too late')));
    client.socket.resume();
    await client.closed;
    expect(client.received().equals(Buffer.concat([answer, Buffer.from('end')]))).toBe(true);
    await until('the core is told', () => frames.includes('closed'));
    expect(frames).toEqual(['hello', 'closed']);
  });

  it('closes for good who neither reads nor closes after the goodbye', async () => {
    const { listening, links } = await listener();
    const client = visit(listening.port);
    client.socket.write(frame(Buffer.from('hello')));
    await until('the link', () => links.length === 1);
    client.socket.pause();
    links[0]?.write(Buffer.alloc(8 << 20));
    links[0]?.close('enough');
    await until('the connection is gone', () => listening.connections === 0);
  });

  it('tells the core once of a client that goes away, however it goes', async () => {
    const { listening, frames } = await listener();
    for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
      const client = visit(listening.port);
      client.socket.write(frame(Buffer.from(leave)));
      await until('the frame', () => frames.at(-1) === leave);
      client.socket[leave]();
      await until('the end', () => frames.at(-1) === 'closed' && listening.connections === 0);
    }
    expect(frames).toEqual(['end', 'closed', 'destroy', 'closed', 'resetAndDestroy', 'closed']);
  });

  it('serves who was in the middle of a frame while others were read', async () => {
    const { listening, frames } = await listener();
    const one = visit(listening.port);
    const other = visit(listening.port);
    const [first, second] = [frame(Buffer.from('first')), frame(Buffer.from('second'))];
    for (let cut = 1; cut < first.length; cut++) {
      frames.length = 0;
      one.socket.write(first.subarray(0, cut));
      other.socket.write(second);
      await until('the whole one', () => frames.length === 1);
      one.socket.write(first.subarray(cut));
      await until('the cut one', () => frames.length === 2);
      expect(frames).toEqual(['second', 'first']);
    }
  });
});
