/** A server alone, in memory: proposals are committed in order when the spec says so, or at once. */
import {
  type Acl,
  decodeCreate2Response,
  decodeGetDataResponse,
  decodeStat,
  decodeTxnRecord,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeExistsRequest,
  encodeGetDataRequest,
  encodeSetDataRequest,
  OPEN_ACL,
  OpCode,
  type Stat,
} from '@menagerie/zookeeper-protocol';
import { makeZxid, type Proposal, type Replication, type Request } from '../contract/index.js';
import { createDatabase, type DatabaseOptions, type ReplicatedDatabase } from '../database/index.js';
import { type ClientRequestServer, createRequestServer, type RequestServerConfig } from '../server/index.js';
import { FakeClient, type Reply } from './fake-client.js';
import { FakeEnv } from './fake-env.js';

export class Standalone implements Replication {
  readonly role = 'standalone';
  readonly epoch = 0;
  readonly ensemble = null;
  readonly env = new FakeEnv();
  readonly database: ReplicatedDatabase;
  readonly server: ClientRequestServer;
  readonly proposals: Proposal[] = [];
  readonly syncs: Request[] = [];
  private counter: number;
  private committed = 0;

  constructor(
    config: Partial<RequestServerConfig> = {},
    /** Whether `propose` waits for `commitAll`. */
    public manual = false,
    options: DatabaseOptions = {},
  ) {
    this.database = createDatabase({
      extendedTypes: config.extendedTypes ?? false,
      onDigestMismatch: ({ zxid }) => {
        throw new Error(`digest differs after 0x${zxid.toString(16)}`);
      },
      ...options,
    });
    this.counter = 0;
    this.server = createRequestServer({
      database: this.database,
      env: this.env,
      serverId: 1,
      config: { tickTimeMs: 1000, ...config },
    });
    this.server.startServing(this);
  }

  nextZxid(): bigint {
    return makeZxid(0, ++this.counter);
  }

  propose(proposal: Proposal): void {
    const { header, txn, digest } = decodeTxnRecord(proposal.bytes);
    this.proposals.push({ ...proposal, header, txn, digest });
  }

  forward(): void {
    throw new Error('expected no forwarding to oneself');
  }

  revalidate(): void {
    throw new Error('expected no revalidation by oneself');
  }

  sync(request: Request): void {
    this.syncs.push(request);
  }

  /** Commits up to `count` proposals that wait; what is applied was read back from its bytes. */
  commit(count = Number.POSITIVE_INFINITY): void {
    for (let i = 0; i < count && this.committed < this.proposals.length; i++) {
      this.server.commit(this.proposals[this.committed++]!);
    }
  }

  /** Lets everything that waits come to its end, unless the spec does that by hand. */
  settle(): void {
    if (this.manual) return;
    this.commit();
    for (const request of this.syncs.splice(0)) this.server.synced(request);
  }

  advance(ms: number): void {
    this.env.nowMs += ms;
    this.server.tick();
    this.settle();
  }

  /** A client with a session. */
  connect(fields: Parameters<FakeClient['connectFrame']>[0] = {}, remoteAddress?: string): TestClient {
    const client = new TestClient(this, remoteAddress);
    client.sendFrames(client.connectFrame(fields));
    this.commit();
    client.takeConnectResponse();
    return client;
  }
}

export class TestClient extends FakeClient {
  constructor(
    private readonly cluster: Standalone,
    remoteAddress?: string,
  ) {
    super(cluster.server, remoteAddress);
  }

  call(type: number, encode?: Parameters<FakeClient['frame']>[1], xid?: number): Reply {
    this.send(type, encode, xid);
    this.cluster.settle();
    return this.takeReply();
  }

  create(path: string, options: { data?: string; acl?: readonly Acl[]; flags?: number } = {}): Reply {
    return this.call(OpCode.create2, (writer) =>
      encodeCreateRequest(writer, {
        path,
        data: Buffer.from(options.data ?? ''),
        acl: options.acl ?? OPEN_ACL,
        flags: options.flags ?? 0,
      }),
    );
  }

  /** The path that was created. */
  created(path: string, options: Parameters<TestClient['create']>[1] = {}): string {
    const reply = this.create(path, options);
    if (reply.err !== 0) throw new Error(`create ${path}: ${reply.err}`);
    return decodeCreate2Response(reply.body).path;
  }

  delete(path: string, version = -1): number {
    return this.call(OpCode.delete, (writer) => encodeDeleteRequest(writer, { path, version })).err;
  }

  setData(path: string, data: string, version = -1): number {
    return this.call(OpCode.setData, (writer) =>
      encodeSetDataRequest(writer, { path, data: Buffer.from(data), version }),
    ).err;
  }

  /** The data as text, or the error. */
  getData(path: string, watch = false): string | number {
    const reply = this.call(OpCode.getData, (writer) => encodeGetDataRequest(writer, { path, watch }));
    return reply.err === 0 ? decodeGetDataResponse(reply.body).data!.toString() : reply.err;
  }

  /** The stat, or the error. */
  exists(path: string, watch = false): Stat | number {
    const reply = this.call(OpCode.exists, (writer) => encodeExistsRequest(writer, { path, watch }));
    return reply.err === 0 ? decodeStat(reply.body) : reply.err;
  }
}
