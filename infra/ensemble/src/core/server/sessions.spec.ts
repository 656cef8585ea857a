/** Handshake, expiry, and the end of sessions. */
import { NO_CONNECTION_THROTTLE } from './connection-throttle.js';
import { generateSessionPassword, OpCode, serverIdOf } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { FakeClient, FakeLink } from '../__fixtures__/fake-client.js';
import { Standalone } from '../__fixtures__/standalone.js';

const TICK_MS = 1000;

describe('a connect request', () => {
  it('is answered with a session once that is committed', () => {
    const cluster = new Standalone({}, true);
    const client = new FakeClient(cluster.server);
    client.sendFrames(client.connectFrame());
    expect(client.pending).toBe(0);
    expect(client.link.paused).toBe(true);
    cluster.commit();
    const response = client.takeConnectResponse();
    expect(response).toMatchObject({ protocolVersion: 0, timeoutMs: 10_000, readOnly: false, hasReadOnly: true });
    expect(serverIdOf(response.sessionId)).toBe(1);
    expect(response.password).toEqual(generateSessionPassword(response.sessionId));
    expect(client.link.paused).toBe(false);
    expect(cluster.database.sessions.get(response.sessionId)).toBe(10_000);
  });

  it('without the read-only byte gets an answer without it (ZOOKEEPER-4492)', () => {
    const cluster = new Standalone();
    const client = new FakeClient(cluster.server);
    client.sendFrames(client.connectFrame({ hasReadOnly: false }));
    cluster.commit();
    expect(client.takeFrame()).toHaveLength(36);
  });

  it.each([
    [1, 2 * TICK_MS],
    [5000, 5000],
    [1_000_000, 20 * TICK_MS],
  ])('for a timeout of %i ms is granted %i ms', (wanted, granted) => {
    const client = new Standalone().connect({ timeoutMs: wanted });
    client.ping();
    expect(client.takeReply().err).toBe(0);
    const cluster = new Standalone();
    const other = new FakeClient(cluster.server);
    other.sendFrames(other.connectFrame({ timeoutMs: wanted }));
    cluster.commit();
    expect(other.takeConnectResponse().timeoutMs).toBe(granted);
  });

  it('of a client that has seen more than this server is closed without an answer', () => {
    const cluster = new Standalone();
    const client = new FakeClient(cluster.server);
    client.sendFrames(client.connectFrame({ lastZxidSeen: 1n }));
    expect(client.pending).toBe(0);
    expect(client.link.closeReason).toMatch(/later zxid/);
    expect(cluster.proposals).toEqual([]);
  });

  it('that can not be read closes the connection', () => {
    const client = new FakeClient(new Standalone().server);
    client.sendFrames(Buffer.from('garbage'));
    expect(client.link.closeReason).toMatch(/connect request/);
  });

  it('may be followed too early by requests, which are taken up once the session is there', () => {
    const cluster = new Standalone();
    const client = new FakeClient(cluster.server);
    client.sendFrames(client.connectFrame(), client.frame(OpCode.whoAmI));
    cluster.commit();
    client.takeConnectResponse();
    expect(client.takeReply()).toMatchObject({ xid: 1, err: 0 });
  });
});

describe('a client that comes back', () => {
  it('has its session again, and its older connection is closed', () => {
    const cluster = new Standalone();
    const first = cluster.connect();
    const second = new FakeClient(cluster.server);
    second.sessionId = first.sessionId;
    second.password = first.password;
    second.sendFrames(second.connectFrame());
    expect(second.takeConnectResponse()).toMatchObject({ sessionId: first.sessionId, timeoutMs: 10_000 });
    expect(first.link.closeReason).toBe('client reconnected');
    second.ping();
    expect(second.takeReply().err).toBe(0);
  });

  it.each([
    ['with a wrong password', (client: FakeClient) => client.password.fill(7)],
    ['with a short password', (client: FakeClient) => (client.password = Buffer.alloc(3))],
    ['with a session nobody knows', (client: FakeClient) => (client.sessionId = 0x1234n)],
  ])('%s hears that its session is expired, and nobody else is disturbed', (_, spoil) => {
    const cluster = new Standalone();
    const first = cluster.connect();
    const second = new FakeClient(cluster.server);
    second.sessionId = first.sessionId;
    second.password = Buffer.from(first.password);
    spoil(second);
    const frame = second.connectFrame();
    second.sendFrames(frame);
    expect(second.takeConnectResponse()).toMatchObject({ timeoutMs: 0, sessionId: 0n, password: Buffer.alloc(16) });
    expect(second.link.closeReason).not.toBeNull();
    expect(first.link.closeReason).toBeNull();
  });
});

describe('a session', () => {
  it('expires by a committed transaction, within a tick after its timeout, with its nodes', () => {
    const cluster = new Standalone();
    const owner = cluster.connect({ timeoutMs: 4000 });
    const watcher = cluster.connect({ timeoutMs: 20_000 });
    owner.created('/e', { flags: 1 });
    expect(watcher.exists('/e', true)).toMatchObject({ ephemeralOwner: owner.sessionId });
    for (let i = 0; i < 3; i++) cluster.advance(TICK_MS);
    cluster.advance(900);
    expect(cluster.database.sessions.has(owner.sessionId)).toBe(true);
    cluster.manual = true;
    cluster.advance(100);
    cluster.advance(TICK_MS);
    expect(cluster.database.sessions.has(owner.sessionId)).toBe(true);
    cluster.commit();
    expect(cluster.database.sessions.has(owner.sessionId)).toBe(false);
    expect(owner.link.closeReason).toBe('session closed');
    expect(watcher.takeEvent()).toBe('NodeDeleted /e');
    expect(cluster.proposals.at(-1)!.txn).toEqual({ type: OpCode.closeSession, paths: ['/e'] });
  });

  it('lives on with any request, a ping included', () => {
    const cluster = new Standalone();
    const client = cluster.connect({ timeoutMs: 4000 });
    for (let i = 0; i < 10; i++) {
      for (let tick = 0; tick < 3; tick++) cluster.advance(TICK_MS);
      client.ping();
      expect(client.takeReply()).toMatchObject({ xid: -2, err: 0 });
    }
  });

  it('is not ended because the server itself was asleep', () => {
    const cluster = new Standalone();
    const client = cluster.connect({ timeoutMs: 4000 });
    cluster.env.nowMs += 60_000;
    cluster.server.tick();
    client.ping();
    expect(client.takeReply().err).toBe(0);
    expect(cluster.database.sessions.has(client.sessionId)).toBe(true);
    for (let i = 0; i < 6; i++) cluster.advance(TICK_MS);
    expect(cluster.database.sessions.has(client.sessionId)).toBe(false);
  });

  it('has its full timeout again after a change of leader', () => {
    const cluster = new Standalone();
    const client = cluster.connect({ timeoutMs: 4000 });
    cluster.env.nowMs += 3500;
    cluster.server.stopServing('election');
    expect(client.link.closeReason).toBe('election');
    cluster.env.nowMs += 100_000;
    cluster.server.startServing(cluster);
    for (let i = 0; i < 3; i++) cluster.advance(TICK_MS);
    expect(cluster.database.sessions.has(client.sessionId)).toBe(true);
    for (let i = 0; i < 2; i++) cluster.advance(TICK_MS);
    expect(cluster.database.sessions.has(client.sessionId)).toBe(false);
  });

  it('closed by its client is answered, then disconnected; what follows is dropped', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.created('/e', { flags: 1 });
    client.sendFrames(client.frame(OpCode.closeSession), client.frame(OpCode.whoAmI));
    cluster.settle();
    expect(client.takeReply()).toMatchObject({ xid: 2, err: 0 });
    expect(client.pending).toBe(0);
    expect(client.link.closeReason).toBe('client closed its session');
    expect(cluster.database.tree.get('/e')).toBeUndefined();
  });

  it('that left only its nodes behind is closed when a server takes up its role', () => {
    const cluster = new Standalone();
    cluster.database.tree.create('/orphan', null, null, 0x77n, 1, 0n, 0);
    cluster.server.startServing(cluster);
    cluster.advance(0);
    expect(cluster.database.tree.get('/orphan')).toBeUndefined();
    expect(cluster.proposals.at(-1)!.header).toMatchObject({ clientId: 0x77n, type: OpCode.closeSession });
  });
});

describe('a connection', () => {
  it('without a session is closed after ten seconds', () => {
    const cluster = new Standalone();
    const client = new FakeClient(cluster.server);
    for (let i = 0; i < 9; i++) cluster.advance(TICK_MS);
    expect(client.link.closeReason).toBeNull();
    for (let i = 0; i < 11; i++) cluster.advance(TICK_MS);
    expect(client.link.closeReason).toBe('connection timed out');
  });

  it('is refused while not serving, and when too many want a new session at once', () => {
    const cluster = new Standalone({ connectionThrottle: { ...NO_CONNECTION_THROTTLE, tokens: 1, fillTimeMs: 1000 } });
    cluster.connect();
    const second = new FakeClient(cluster.server);
    second.sendFrames(second.connectFrame());
    expect(second.link.closeReason).toBe('too many new sessions at once');
    cluster.advance(1001);
    cluster.connect();
    cluster.server.stopServing('test');
    expect(cluster.server.accept(new FakeLink())).toBeNull();
  });

  it('leaves nothing behind', () => {
    const cluster = new Standalone();
    const client = cluster.connect();
    client.exists('/a', true);
    client.handler.closed();
    const { numAliveConnections, watchCount, outstandingRequests } = cluster.server.stats().counters();
    expect({ numAliveConnections, watchCount, outstandingRequests }).toEqual({
      numAliveConnections: 0,
      watchCount: 0,
      outstandingRequests: 0,
    });
  });
});
