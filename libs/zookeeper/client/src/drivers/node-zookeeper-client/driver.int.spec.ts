/** What the package under the driver gets wrong by itself; each test is named for the failure it would be. */
import { ErrorCode, OpCode, Xid, encodeStat, encodeWatcherEvent, type Stat } from '@menagerie/zookeeper-protocol';
import { waitFor } from '@menagerie/zookeeper-testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZooKeeper, type ConnectOptions, type ZooKeeperClient } from '../../index.js';
import { ScriptedServer, framed, replyHeader, type Script } from './__fixtures__/scripted-server.js';
import { nodeZooKeeperClientDriver } from './index.js';

const stat: Stat = {
  czxid: 1n,
  mzxid: 2n,
  ctime: 3,
  mtime: 4,
  version: 5,
  cversion: 6,
  aversion: 7,
  ephemeralOwner: -8n,
  dataLength: 9,
  numChildren: 10,
  pzxid: 11n,
};
const statBody = framed((writer) => encodeStat(writer, stat)).subarray(4);

const cleanups: (() => PromiseLike<unknown>)[] = [];
const uncaught: unknown[] = [];
const note = (error: unknown): void => void uncaught.push(error);

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  cleanups.push(() => server[Symbol.asyncDispose]());
  return server;
}

const driver = nodeZooKeeperClientDriver;

async function connect(server: ScriptedServer, options: Partial<ConnectOptions> = {}): Promise<ZooKeeperClient> {
  const connectString = `127.0.0.1:${server.port}`;
  const client = await ZooKeeper.connect({ connect: connectString, sessionTimeoutMs: 10_000, driver, ...options });
  cleanups.push(() => client.close());
  return client;
}

const patience = (what: string) => ({ timeoutMs: 30_000, what });

describe('the driver over node-zookeeper-client', () => {
  beforeEach(() => {
    uncaught.length = 0;
    process.prependListener('uncaughtException', note);
  });
  afterEach(async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
    process.off('uncaughtException', note);
    expect(uncaught).toEqual([]);
  });

  it('reads the next connection in step after half a reply on the last one', async () => {
    const server = await serve({
      answer: ({ xid }, socket, connection) => {
        const whole = replyHeader(xid, 0, statBody);
        if (connection === 0) socket.end(whole.subarray(0, 30));
        else socket.write(whole);
      },
    });
    const client = await connect(server);
    expect(await client.exists('/a')).toEqual(stat);
    expect(client.session?.generation).toBe(1);
  });

  it('survives an error code that the package does not know', async () => {
    const server = await serve({
      answer: ({ xid }, socket) => socket.write(replyHeader(xid, ErrorCode.QuotaExceeded)),
    });
    const client = await connect(server);
    await expect(client.create('/a')).rejects.toMatchObject({ code: 'ZK_QUOTA_EXCEEDED', wireCode: -125 });
    await expect(client.setData('/a', '')).rejects.toMatchObject({ code: 'ZK_QUOTA_EXCEEDED' });
    expect(client.state).toBe('connected');
  });

  it('ends the call whose reply comes out of order, and the connection with it', async () => {
    const server = await serve({ answer: ({ xid }, socket) => socket.write(replyHeader(xid + 1, 0)) });
    const client = await connect(server);
    await expect(client.delete('/a')).rejects.toMatchObject({ code: 'ZK_CONNECTION_LOST', outcome: 'maybe-done' });
  });

  it('does not send on the next connection what was queued for the last', async () => {
    const server = await serve({
      answer: ({ xid, type }, socket, connection) => {
        // Not read any further: the rest stays where it is.
        if (connection === 0) socket.pause();
        else if (type === OpCode.exists) socket.write(replyHeader(xid, 0, statBody));
      },
    });
    const client = await connect(server);
    const controller = new AbortController();
    const large = Buffer.alloc(900_000);
    // More than the socket takes: the later ones stay in the package's queue when the connection goes.
    const writes = Array.from({ length: 20 }, (_, index) =>
      client.setData(`/${index}`, large, { signal: controller.signal }).catch((error: unknown) => error),
    );
    await waitFor(() => server.requests.length > 0, patience('the first write'));
    controller.abort();
    for (const error of await Promise.all(writes)) expect(error).toMatchObject({ code: 'ZK_ABORTED' });
    await server.dropConnections();
    await client.exists('/a');
    const after = server.requests.slice(server.requestsBeforeDrop);
    expect(after.map(({ type }) => type)).toEqual([OpCode.exists]);
  });

  it('ends every call when the session turns out to be expired', async () => {
    const server = await serve({
      handshake: (_request, connection) =>
        connection === 1 ? { id: 0n, timeoutMs: 0 } : { id: 5n, timeoutMs: 10_000 },
      answer: (_request, socket) => socket.destroy(),
    });
    const client = await connect(server);
    const calls = [client.getData('/a'), client.setData('/a', ''), client.getChildren('/a')];
    const outcomes = await Promise.allSettled(calls);
    expect(outcomes.map((each) => each.status === 'rejected' && (each.reason as { code: string }).code)).toEqual([
      'ZK_SESSION_LOST',
      'ZK_CONNECTION_LOST',
      'ZK_SESSION_LOST',
    ]);
    await waitFor(() => client.session?.generation === 2, patience('a second session'));
  });

  it('takes the answer that the session has expired for its end, on the connection it came on', async () => {
    const server = await serve({
      answer: ({ xid }, socket, connection) => {
        socket.write(connection === 0 ? replyHeader(xid, ErrorCode.SessionExpired) : replyHeader(xid, 0, statBody));
      },
    });
    const client = await connect(server);
    const reasons: string[] = [];
    client.on('state', ({ state, reason }) => reasons.push(`${state}: ${reason}`));
    await expect(client.setData('/a', '')).rejects.toMatchObject({ code: 'ZK_SESSION_LOST', outcome: 'not-done' });
    await waitFor(() => client.session?.generation === 2, patience('a second session'));
    expect(await client.exists('/a')).toEqual(stat);
    expect(reasons).toEqual(['lost: expired', 'connected: session-created']);
  });

  it('survives a message that makes no sense, and a watch event of an unknown type', async () => {
    const server = await serve({
      answer: ({ xid, type }, socket, connection) => {
        if (connection === 0) socket.write(replyHeader(xid, 0, Buffer.from([1, 2, 3])));
        else if (type === OpCode.exists) {
          const event = framed((writer) => {
            writer.writeInt(Xid.watch);
            writer.writeLong(-1n);
            writer.writeInt(0);
            encodeWatcherEvent(writer, { type: 99, state: 3, path: '/a' });
          });
          socket.write(Buffer.concat([event, replyHeader(xid, 0, statBody)]));
        }
      },
    });
    const client = await connect(server);
    expect(await client.exists('/a')).toEqual(stat);
  });

  it.each([
    ['a negative length', -1],
    ['a length beyond any reply', 0x7fffffff],
  ])('gives up a connection on which a frame announces %s', async (_what, length) => {
    const server = await serve({
      answer: ({ xid }, socket, connection) => {
        const nonsense = Buffer.alloc(8);
        nonsense.writeInt32BE(length);
        socket.write(connection === 0 ? nonsense : replyHeader(xid, 0, statBody));
      },
    });
    const client = await connect(server);
    expect(await client.exists('/a')).toEqual(stat);
  });

  it('reads thousands of replies that arrive in one piece', async () => {
    const replies: Buffer[] = [];
    const count = 20_000;
    const server = await serve({
      answer: ({ xid }, socket) => {
        replies.push(replyHeader(xid, ErrorCode.NoNode));
        if (replies.length === count) socket.write(Buffer.concat(replies));
      },
    });
    const client = await connect(server, { maxPendingCalls: count });
    const calls = Array.from({ length: count }, () => client.exists('/a'));
    expect((await Promise.all(calls)).every((found) => found === null)).toBe(true);
  });

  it('leaves a server which takes the connection and does not answer the handshake', async () => {
    const server = await serve({
      handshake: (_request, connection) => (connection === 0 ? null : { id: 1n, timeoutMs: 10_000 }),
      answer: ({ xid }, socket) => socket.write(replyHeader(xid, 0, statBody)),
    });
    const client = await connect(server, { sessionTimeoutMs: 2_000, connectTimeoutMs: 30_000 });
    expect(server.handshakes).toHaveLength(2);
    expect(client.state).toBe('connected');
  });

  it('says nothing on a connection before the handshake is answered, and then credentials first', async () => {
    const order: string[] = [];
    const server = await serve({
      handshake: (_request, connection) => {
        order.push(`handshake ${connection}`);
        return { id: 1n, timeoutMs: 10_000 };
      },
      answer: ({ xid, type }, socket, connection) => {
        order.push(`${type} on ${connection}`);
        if (type === OpCode.setData && connection === 0) socket.destroy();
        else
          socket.write(
            replyHeader(xid, 0, type === OpCode.auth || type === OpCode.setWatches ? Buffer.alloc(0) : statBody),
          );
      },
    });
    const client = await connect(server, { auth: [{ scheme: 'digest', credentials: 'a:b' }] });
    await client.exists('/a', { watch: () => undefined });
    const lost = client.setData('/a', '').catch(() => undefined);
    const waits = client.exists('/b');
    await Promise.all([lost, waits]);
    expect(order.filter((each) => each.endsWith(' 1') || each === 'handshake 1')).toEqual([
      'handshake 1',
      `${OpCode.auth} on 1`,
      `${OpCode.setWatches} on 1`,
      `${OpCode.exists} on 1`,
    ]);
  });

  it('shows the session and the last zxid it has seen when it comes back', async () => {
    const server = await serve({
      answer: ({ xid, type }, socket, connection) => {
        if (type === OpCode.setData && connection === 0) socket.destroy();
        else socket.write(replyHeader(xid, 0, statBody));
      },
    });
    const client = await connect(server);
    await client.exists('/a');
    await client.setData('/a', '').catch(() => undefined);
    await client.exists('/a');
    expect(server.handshakes[1]).toMatchObject({ sessionId: 1n, lastZxidSeen: 1n, password: Buffer.alloc(16, 7) });
  });

  it('leaves nothing running when it is given up in mid-connection', async () => {
    const server = await serve({ handshake: () => null, answer: () => undefined });
    const options = { connect: `127.0.0.1:${server.port}`, sessionTimeoutMs: 5_000, connectTimeoutMs: 200, driver };
    await expect(ZooKeeper.connect(options)).rejects.toMatchObject({ code: 'ZK_CONNECT_FAILED' });
    await waitFor(() => server.connectionCount === 0, patience('the connection to be gone'));
    expect(server.handshakes.length).toBe(1);
  });
});
