/** A server whose writes are ordered elsewhere, and the leader's side of that. */
import {
  encodeGetDataRequest,
  encodeSetDataRequest,
  encodeTxnRecord,
  ErrorCode,
  OpCode,
  type Txn,
} from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { FakeClient, FakeLink } from '../__fixtures__/fake-client.js';
import { FakeEnv } from '../__fixtures__/fake-env.js';
import { Standalone } from '../__fixtures__/standalone.js';
import { type Ensemble, makeZxid, type Proposal, type Replication, type Request } from '../contract/index.js';
import { createDatabase } from '../database/index.js';
import { Membership, parseQuorumConfigText } from '../quorum/index.js';
import { ensembleOf } from '../zab/ensemble-view.js';
import { createRequestServer } from './index.js';

class Follower implements Replication {
  readonly role = 'follower';
  readonly epoch = 1;
  ensemble: Ensemble | null = null;
  readonly env = new FakeEnv();
  readonly database = createDatabase();
  readonly server = createRequestServer({
    database: this.database,
    env: this.env,
    serverId: 2,
    config: { tickTimeMs: 1000 },
  });
  readonly forwarded: Request[] = [];
  readonly asked: [bigint, number][] = [];
  readonly syncs: Request[] = [];
  private counter = 0;

  constructor() {
    this.server.startServing(this);
  }

  nextZxid(): bigint {
    throw new Error('expected a learner not to make transactions');
  }

  propose(): void {
    throw new Error('expected a learner not to make transactions');
  }

  forward(request: Request): void {
    this.forwarded.push(request);
  }

  revalidate(sessionId: bigint, timeoutMs: number): void {
    this.asked.push([sessionId, timeoutMs]);
  }

  sync(request: Request): void {
    this.syncs.push(request);
  }

  commit(clientId: bigint, cxid: number, txn: Txn): void {
    const zxid = makeZxid(1, ++this.counter);
    const header = { clientId, cxid, zxid, timeMs: 5, type: txn.type };
    const proposal: Proposal = { zxid, header, txn, digest: null, bytes: encodeTxnRecord(header, txn, null) };
    this.server.commit(proposal);
  }

  connect(): FakeClient {
    const client = new FakeClient(this.server);
    client.sendFrames(client.connectFrame());
    const { sessionId, cxid } = this.forwarded.shift()!;
    this.commit(sessionId, cxid, { type: OpCode.createSession, timeoutMs: 10_000 });
    client.takeConnectResponse();
    return client;
  }
}

const setData = (version: number): Txn => ({
  type: OpCode.setData,
  path: '/',
  data: Buffer.from(`v${version}`),
  version,
});
const write = (client: FakeClient, xid?: number): void =>
  client.send(OpCode.setData, (writer) => encodeSetDataRequest(writer, { path: '/', data: null, version: -1 }), xid);
const read = (client: FakeClient): void =>
  client.send(OpCode.getData, (writer) => encodeGetDataRequest(writer, { path: '/', watch: false }));

describe('a learner', () => {
  it('sends writes to the leader and answers them when they come back', () => {
    const follower = new Follower();
    const client = follower.connect();
    write(client);
    read(client);
    expect(follower.forwarded).toMatchObject([{ sessionId: client.sessionId, cxid: 1, type: OpCode.setData }]);
    expect(follower.forwarded[0]!.body).toEqual(Buffer.from('000000012fffffffffffffffff', 'hex'));
    expect(client.takeAll()).toEqual([]);
    follower.commit(client.sessionId, 1, setData(1));
    expect(client.takeAll()).toEqual(['0 to 1', '0 to 2']);
  });

  it('tells the client why the leader refused', () => {
    const follower = new Follower();
    const client = follower.connect();
    write(client);
    follower.commit(client.sessionId, 1, { type: OpCode.error, err: ErrorCode.BadVersion });
    expect(client.takeReply()).toMatchObject({ xid: 1, err: ErrorCode.BadVersion, zxid: makeZxid(1, 2) });
  });

  it('applies what belongs to others without taking it for its own (ZOOKEEPER-1863)', () => {
    const follower = new Follower();
    const client = follower.connect();
    write(client);
    follower.commit(0x99n, 1, setData(1));
    follower.commit(client.sessionId, 77, setData(2));
    expect(client.takeAll()).toEqual([]);
    follower.commit(client.sessionId, 1, setData(3));
    expect(client.takeAll()).toEqual(['0 to 1']);
    expect(follower.database.tree.root.data).toBe('v3');
  });

  it('does not give a client the answer to what it sent before it came back (ZOOKEEPER-2684)', () => {
    const follower = new Follower();
    const before = follower.connect();
    write(before, 5);
    const after = new FakeClient(follower.server);
    after.sessionId = before.sessionId;
    after.password = before.password;
    after.sendFrames(after.connectFrame());
    follower.server.revalidated(after.sessionId, true);
    after.takeConnectResponse();
    write(after, 5);
    follower.commit(after.sessionId, 5, setData(1));
    expect(after.takeAll()).toEqual([]);
    follower.commit(after.sessionId, 5, setData(2));
    expect(after.takeAll()).toEqual(['0 to 5']);
  });

  it('closes a client whose session has moved, and says nothing (ZOOKEEPER-710)', () => {
    const follower = new Follower();
    const client = follower.connect();
    write(client);
    follower.commit(client.sessionId, 1, { type: OpCode.error, err: ErrorCode.SessionMoved });
    expect(client.takeAll()).toEqual([]);
    expect(client.link.closeReason).toBe('session moved');
  });

  it('asks the leader about a session that comes to it', () => {
    const follower = new Follower();
    const known = follower.connect();
    const client = new FakeClient(follower.server);
    client.sessionId = known.sessionId;
    client.password = known.password;
    client.sendFrames(client.connectFrame({ timeoutMs: 3000 }));
    expect(follower.asked).toEqual([[known.sessionId, 3000]]);
    expect(client.pending).toBe(0);
    follower.server.revalidated(known.sessionId, false);
    expect(client.takeConnectResponse()).toMatchObject({ timeoutMs: 0, sessionId: 0n });
    expect(client.link.closeReason).not.toBeNull();
  });

  it('tells the leader which sessions it heard from, each once', () => {
    const follower = new Follower();
    const client = follower.connect();
    const silent = follower.connect();
    follower.server.takeTouchedSessions();
    for (let i = 0; i < 3; i++) client.ping();
    expect(follower.server.takeTouchedSessions()).toEqual([{ sessionId: client.sessionId, timeoutMs: 10_000 }]);
    expect(follower.server.takeTouchedSessions()).toEqual([]);
    silent.ping();
    expect(follower.server.takeTouchedSessions()).toHaveLength(1);
  });

  it('expires no session, but closes the connection of one that the leader has expired', () => {
    const follower = new Follower();
    const client = follower.connect();
    follower.env.nowMs += 5_000;
    follower.server.tick();
    expect(follower.forwarded).toEqual([]);
    follower.commit(client.sessionId, 0, { type: OpCode.closeSession, paths: [] });
    expect(client.link.closeReason).toBe('session closed');
  });

  it('answers the end of a session, then closes', () => {
    const follower = new Follower();
    const client = follower.connect();
    client.send(OpCode.closeSession);
    follower.commit(client.sessionId, 1, { type: OpCode.closeSession, paths: [] });
    expect(client.takeReply()).toMatchObject({ xid: 1, err: 0 });
    expect(client.link.closeReason).toBe('client closed its session');
  });

  it('answers a sync when the leader has', () => {
    const follower = new Follower();
    const client = follower.connect();
    client.send(OpCode.sync, (writer) => writer.writeString('/x'));
    read(client);
    expect(client.takeAll()).toEqual([]);
    follower.server.synced(follower.syncs[0]!);
    const reply = client.takeReply();
    expect([reply.err, reply.body.readString()]).toEqual([0, '/x']);
    expect(client.takeAll()).toEqual(['0 to 2']);
  });

  it('forgets what was pending with its role, and keeps the sessions', () => {
    const follower = new Follower();
    const client = follower.connect();
    write(client);
    follower.server.stopServing('leader lost');
    expect(client.link.closeReason).toBe('leader lost');
    follower.server.startServing(follower);
    expect(follower.database.sessions.has(client.sessionId)).toBe(true);
    const again = new FakeClient(follower.server);
    again.sessionId = client.sessionId;
    again.password = client.password;
    again.sendFrames(again.connectFrame());
    follower.server.revalidated(client.sessionId, true);
    again.takeConnectResponse();
    write(again, 1);
    follower.commit(client.sessionId, 1, setData(1));
    expect(again.takeAll()).toEqual(['0 to 1']);
  });
});

describe('/zookeeper/config', () => {
  it('says who is in the ensemble from the moment a server takes up a role', () => {
    const database = createDatabase();
    const before = database.treeDigest;
    const text = 'server.1=h:1:2:participant\nversion=5';
    const server = createRequestServer({ database, env: new FakeEnv(), serverId: 1 });
    const follower = new Follower();
    follower.ensemble = ensembleOf(new Membership(1, parseQuorumConfigText(text), null));
    server.startServing(follower);
    const node = database.tree.get('/zookeeper/config')!;
    expect(node.data).toBe(text);
    expect(database.tree.stats.read(node.stat)).toMatchObject({ version: -1, mzxid: 5n });
    expect(database.treeDigest).toBe(before);
  });
});

describe('a leader', () => {
  const FROM = 3;
  const request = (sessionId: bigint, cxid: number, type: number, body: Buffer = Buffer.alloc(0)): Request => ({
    sessionId,
    cxid,
    type,
    body,
    authInfo: [],
  });
  const timeout = (ms: number): Buffer => {
    const body = Buffer.alloc(4);
    body.writeInt32BE(ms);
    return body;
  };
  const setRoot = Buffer.from('000000012fffffffffffffffff', 'hex');

  it('makes transactions for the clients of learners, and tracks their sessions', () => {
    const leader = new Standalone();
    leader.server.learnerRequest(FROM, request(0x300n, 0, OpCode.createSession, timeout(4000)));
    leader.settle();
    leader.server.learnerRequest(FROM, request(0x300n, 9, OpCode.setData, setRoot));
    expect(leader.proposals.at(-1)!.header).toMatchObject({ clientId: 0x300n, cxid: 9, type: OpCode.setData });
    leader.settle();
    for (let i = 0; i < 8; i++) {
      leader.advance(1000);
      if (i < 3) leader.server.learnerTouched(FROM, [{ sessionId: 0x300n, timeoutMs: 4000 }]);
      if (i === 6) expect(leader.database.sessions.has(0x300n)).toBe(true);
    }
    leader.advance(1000);
    expect(leader.database.sessions.has(0x300n)).toBe(false);
  });

  it('refuses what comes for a session through a server that it has left', () => {
    const leader = new Standalone();
    leader.server.learnerRequest(FROM, request(0x300n, 0, OpCode.createSession, timeout(4000)));
    leader.settle();
    expect(leader.server.learnerRevalidate(4, 0x300n, 4000)).toBe(true);
    leader.server.learnerRequest(FROM, request(0x300n, 1, OpCode.setData, setRoot));
    expect(leader.proposals.at(-1)!.txn).toEqual({ type: OpCode.error, err: ErrorCode.SessionMoved });
    leader.server.learnerRequest(4, request(0x300n, 2, OpCode.setData, setRoot));
    expect(leader.proposals.at(-1)!.txn.type).toBe(OpCode.setData);
  });

  it('is left alone by clients when it is not to serve them, and orders the writes of learners', () => {
    const cluster = new Standalone({ leaderServes: false });
    cluster.server.startServing({
      role: 'leader',
      epoch: 0,
      ensemble: null,
      nextZxid: () => cluster.nextZxid(),
      propose: (proposal) => cluster.propose(proposal),
      forward: () => cluster.forward(),
      revalidate: () => cluster.revalidate(),
      sync: (sync) => cluster.sync(sync),
    });
    expect(cluster.server.accept(new FakeLink())).toBeNull();
    cluster.server.learnerRequest(FROM, request(0x300n, 0, OpCode.createSession, timeout(4000)));
    expect(cluster.proposals.at(-1)!.txn.type).toBe(OpCode.createSession);
  });

  it('closes its own connection of a session that turns up elsewhere', () => {
    const leader = new Standalone();
    const client = leader.connect();
    expect(leader.server.learnerRevalidate(FROM, client.sessionId, 4000)).toBe(true);
    expect(client.link.closeReason).toBe('session moved');
  });

  it('knows nothing of a session that is over', () => {
    const leader = new Standalone();
    const client = leader.connect();
    client.send(OpCode.closeSession);
    expect(leader.server.learnerRevalidate(FROM, client.sessionId, 4000)).toBe(false);
    leader.settle();
    expect(leader.server.learnerRevalidate(FROM, client.sessionId, 4000)).toBe(false);
    leader.server.learnerRequest(FROM, request(client.sessionId, 1, OpCode.setData, setRoot));
    expect(leader.proposals.at(-1)!.txn).toEqual({ type: OpCode.error, err: ErrorCode.SessionExpired });
  });
});
