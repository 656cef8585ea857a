/** A client with something to do: picks one operation after the other, and knows what each answer must look like. */
import {
  CreateMode,
  decodeCreateResponse,
  decodeExistsResponse,
  decodeGetChildren2Response,
  decodeGetDataResponse,
  decodeMultiResponse,
  decodeSetDataResponse,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeExistsRequest,
  encodeGetChildren2Request,
  encodeGetDataRequest,
  encodeMultiRequest,
  encodeSetDataRequest,
  encodeSyncRequest,
  ErrorCode,
  type MultiWriteOp,
  OpCode,
  OPEN_ACL,
  type Stat,
} from '@menagerie/zookeeper-protocol';
import { GUARDED_NODE, LOCK_DIRECTORY } from '../checkers/fencing.js';
import { hexZxid } from '../checkers/zxids.js';
import type { Random } from '../engine/random.js';
import { Violation } from '../engine/violation.js';
import type { Operation, Profile } from './profile.js';
import type { PendingRegisterCall, Registers } from './registers.js';
import { type ClientWorld, SessionClient } from './session-client.js';

export interface WorkloadWorld extends ClientWorld {
  readonly profile: Profile;
  readonly registers: Registers;
  /** The directories are there. */
  isPrepared: boolean;
}

const SEQUENCES = '/sequences';
const EPHEMERALS = '/ephemerals';
const DIRECTORIES = [SEQUENCES, EPHEMERALS, LOCK_DIRECTORY, GUARDED_NODE];
export const NUMBERED_DIRECTORIES = [SEQUENCES, LOCK_DIRECTORY];
const MAX_EPHEMERALS = 8;
const MAX_BURST = 8;
const { NoNode, NodeExists, BadVersion } = ErrorCode;

export class WorkloadClient extends SessionClient {
  private stopped = false;
  private counter = 0;
  private ephemerals: string[] = [];
  private lockNode: string | null = null;
  private readonly versions = new Map<string, number>();

  constructor(
    name: string,
    protected override readonly world: WorkloadWorld,
    random: Random,
  ) {
    super(name, world, random, world.profile.sessionTimeoutMs);
  }

  start(): void {
    this.open();
    this.scheduleWork();
  }

  /** No new work; what is under way is answered or not. */
  stop(): void {
    this.stopped = true;
  }

  protected override sessionEnded(): void {
    this.ephemerals = [];
    this.lockNode = null;
  }

  private scheduleWork(): void {
    const { time, profile } = this.world;
    time.after(this.random.delay(profile.meanPauseMs), () => {
      if (this.stopped) return;
      if (this.isAttached && this.outstanding < profile.maxOutstanding) {
        if (this.world.isPrepared) this.doSome();
        else if (this.outstanding === 0) this.prepare();
      }
      this.scheduleWork();
    });
  }

  /** Several at once, as far as this life's clients go: what is pipelined is sent together. */
  private doSome(): void {
    const { profile } = this.world;
    const count = this.random.integer(1, Math.min(MAX_BURST, profile.maxOutstanding - this.outstanding));
    for (let i = 0; i < count && this.isAttached; i++) this.do(profile.pick(this.random));
  }

  private do(operation: Operation): void {
    const key = this.key();
    switch (operation) {
      case 'create':
        return this.create(key);
      case 'set':
        return this.set(key, -1);
      case 'compareAndSet':
        return this.set(key, this.versions.get(key) ?? 0);
      case 'delete':
        return this.delete(key);
      case 'read':
        return this.read(key, false, null);
      case 'watch':
        return this.read(key, true, null);
      case 'watchExistence':
        return this.exists(key);
      case 'watchChildren':
        return this.children(this.random.pick([EPHEMERALS, SEQUENCES]), this.random.chance(0.7));
      case 'syncedRead':
        return this.syncedRead(key);
      case 'sequence':
        return this.node(`${SEQUENCES}/n-`, CreateMode.persistentSequential, () => undefined);
      case 'ephemeral':
        return this.ephemeral();
      case 'dropEphemeral':
        return this.dropEphemeral();
      case 'multi':
        return this.multi(key);
      case 'lock':
        return this.lock();
      case 'closeSession':
        return this.closeWithMore(key);
      case 'vanish':
        return this.vanish(this.random.delay(500));
    }
  }

  /** What is sent behind a closeSession must not be done. */
  private closeWithMore(key: string): void {
    this.closeSession();
    for (let left = this.random.integer(0, 3); left > 0; left--) this.set(key, -1);
  }

  private key(): string {
    return `/key-${this.random.integer(1, this.world.profile.keys)}`;
  }

  private value(): string {
    return `${this.name}:${(this.counter += 1)}`;
  }

  private prepare(): void {
    let left = DIRECTORIES.length;
    for (const path of DIRECTORIES) {
      this.ask({
        type: OpCode.create,
        body: (writer) =>
          encodeCreateRequest(writer, { path, data: Buffer.alloc(0), acl: OPEN_ACL, flags: CreateMode.persistent }),
        answered: (err) => {
          this.expectError(err, [NodeExists], `create ${path}`);
          if (--left === 0) this.world.isPrepared = true;
        },
      });
    }
  }

  // ---- registers

  private create(path: string): void {
    const value = this.value();
    const call = this.world.registers.begin(path, { kind: 'create', value });
    this.ask({
      type: OpCode.create,
      body: (writer) =>
        encodeCreateRequest(writer, { path, data: Buffer.from(value), acl: OPEN_ACL, flags: CreateMode.persistent }),
      answered: (err) => {
        this.expectError(err, [NodeExists], `create ${path}`);
        call.ended(err === 0 ? { kind: 'done', version: 0 } : { kind: 'exists' });
      },
    });
  }

  private set(path: string, version: number): void {
    const value = this.value();
    const call = this.world.registers.begin(path, { kind: 'set', value, expectedVersion: version });
    this.ask({
      type: OpCode.setData,
      body: (writer) => encodeSetDataRequest(writer, { path, data: Buffer.from(value), version }),
      answered: (err, zxid, reader) => {
        this.expectError(err, version === -1 ? [NoNode] : [NoNode, BadVersion], `set ${path}`);
        if (err === NoNode) return call.ended({ kind: 'absent' });
        if (err === BadVersion) return call.ended({ kind: 'bad version' });
        const { stat } = decodeSetDataResponse(reader);
        if (Number(stat.mzxid) !== zxid) this.wrong(`set ${path}`, `mzxid ${stat.mzxid} for ${hexZxid(zxid)}`);
        this.versions.set(path, stat.version);
        call.ended({ kind: 'done', version: stat.version });
      },
    });
  }

  private delete(path: string): void {
    const call = this.world.registers.begin(path, { kind: 'delete' });
    this.ask({
      type: OpCode.delete,
      body: (writer) => encodeDeleteRequest(writer, { path, version: -1 }),
      answered: (err) => {
        this.expectError(err, [NoNode], `delete ${path}`);
        call.ended(err === 0 ? { kind: 'done' } : { kind: 'absent' });
      },
    });
  }

  private syncedRead(path: string): void {
    const call = this.world.registers.begin(path, { kind: 'read' });
    this.ask({
      type: OpCode.sync,
      body: (writer) => encodeSyncRequest(writer, { path }),
      answered: (err) => this.expectError(err, [], `sync ${path}`),
    });
    this.read(path, false, call);
  }

  private read(path: string, watch: boolean, call: PendingRegisterCall | null): void {
    this.ask({
      type: OpCode.getData,
      body: (writer) => encodeGetDataRequest(writer, { path, watch }),
      answered: (err, zxid, reader) => {
        this.expectError(err, [NoNode], `read ${path}`);
        if (err === NoNode) {
          this.sees(path, zxid, null, null);
          return call?.ended({ kind: 'absent' });
        }
        const { data, stat } = decodeGetDataResponse(reader);
        const value = data?.toString('latin1') ?? '';
        this.sees(path, zxid, stat, value);
        this.versions.set(path, stat.version);
        if (watch) this.watches.set('data', path, zxid);
        call?.ended({ kind: 'value', value, version: stat.version });
      },
    });
  }

  private exists(path: string): void {
    this.ask({
      type: OpCode.exists,
      body: (writer) => encodeExistsRequest(writer, { path, watch: true }),
      answered: (err, zxid, reader) => {
        this.expectError(err, [NoNode], `exists ${path}`);
        this.sees(path, zxid, err === 0 ? decodeExistsResponse(reader).stat : null, null);
        this.watches.set(err === 0 ? 'data' : 'exists', path, zxid);
      },
    });
  }

  private children(path: string, watch: boolean, then: (names: readonly string[]) => void = () => undefined): void {
    this.ask({
      type: OpCode.getChildren2,
      body: (writer) => encodeGetChildren2Request(writer, { path, watch }),
      answered: (err, zxid, reader) => {
        this.expectError(err, [NoNode], `children of ${path}`);
        // A server that is behind may not have it yet.
        if (err === NoNode) return this.sees(path, zxid, null, null);
        const { children, stat } = decodeGetChildren2Response(reader);
        const expected = this.world.observer.tree.childrenOf(path)?.at(zxid);
        const count = children?.length ?? 0;
        if (count !== (expected?.count ?? 0) || (expected && Number(stat.pzxid) !== expected.pzxid)) {
          this.wrong(
            `children of ${path} at ${hexZxid(zxid)}`,
            `${count} and pzxid ${hexZxid(Number(stat.pzxid))}, expected ${expected?.count ?? 0} and ${hexZxid(expected?.pzxid ?? 0)}`,
          );
        }
        if (watch) this.watches.set('children', path, zxid);
        then(children ?? []);
      },
    });
  }

  // ---- sessions, sequences, locks

  private node(prefix: string, flags: CreateMode, made: (path: string) => void): void {
    this.ask({
      type: OpCode.create,
      body: (writer) => encodeCreateRequest(writer, { path: prefix, data: Buffer.alloc(0), acl: OPEN_ACL, flags }),
      answered: (err, zxid, reader) => {
        this.expectError(err, [], `create ${prefix}`);
        const { path } = decodeCreateResponse(reader);
        if (this.world.observer.tree.node(path)?.at(zxid)?.czxid !== zxid) {
          this.wrong(`create ${prefix}`, `${path}, which ${hexZxid(zxid)} did not create`);
        }
        made(path);
      },
    });
  }

  private ephemeral(): void {
    if (this.ephemerals.length >= MAX_EPHEMERALS) return this.dropEphemeral();
    this.node(`${EPHEMERALS}/${this.name}-${(this.counter += 1)}`, CreateMode.ephemeral, (path) => {
      this.ephemerals.push(path);
    });
  }

  private dropEphemeral(): void {
    const path = this.ephemerals.shift();
    if (path !== undefined) this.drop(path);
  }

  private drop(path: string): void {
    this.ask({
      type: OpCode.delete,
      body: (writer) => encodeDeleteRequest(writer, { path, version: -1 }),
      answered: (err) => this.expectError(err, [], `delete ${path}`),
    });
  }

  /** All or nothing, over several keys. A check that fails takes the rest with it. */
  private multi(key: string): void {
    const { registers } = this.world;
    const other = this.key();
    const fails = this.random.chance(0.3);
    const values = [this.value(), this.value()] as const;
    const paths = other === key ? [key] : [key, other];
    const calls = paths.map((path, i) =>
      registers.begin(path, { kind: 'set', value: values[i]!, expectedVersion: -1 }),
    );
    const ops: MultiWriteOp[] = paths.map((path, i) => ({
      type: OpCode.setData,
      request: { path, data: Buffer.from(values[i]!), version: -1 },
    }));
    if (fails) ops.push({ type: OpCode.check, request: { path: SEQUENCES, version: 999 } });
    this.ask({
      type: OpCode.multi,
      body: (writer) => encodeMultiRequest(writer, { ops }),
      answered: (err, zxid, reader) => {
        this.expectError(err, [], `multi of ${paths.join(' and ')}`);
        const set = paths.map((path) => this.world.observer.tree.node(path)?.at(zxid)?.mzxid === zxid);
        if (new Set(set).size > 1 || (fails && set.includes(true))) {
          this.wrong(`multi of ${paths.join(' and ')}`, `${set.join(', ')} at ${hexZxid(zxid)}`);
        }
        // What a refused one saw of each key is not told; as if nobody had asked.
        if (!set[0]) return calls.forEach((call) => call.undone());
        const { results } = decodeMultiResponse(reader);
        calls.forEach((call, i) => {
          const result = results[i];
          const version = result?.type === OpCode.setData ? result.stat.version : -1;
          call.ended({ kind: 'done', version });
        });
      },
    });
  }

  /** In line, then at its head, then a guarded write that says so, then out of line. */
  private lock(): void {
    const own = this.lockNode;
    if (own === null) {
      this.node(`${LOCK_DIRECTORY}/n-`, CreateMode.ephemeralSequential, (path) => (this.lockNode = path));
      return;
    }
    this.children(LOCK_DIRECTORY, false, (names) => {
      const first = [...names].sort()[0];
      if (`${LOCK_DIRECTORY}/${first}` !== own || this.lockNode !== own) return;
      this.guardedWrite(own);
      if (!this.random.chance(0.4)) return;
      this.lockNode = null;
      this.drop(own);
    });
  }

  private guardedWrite(holder: string): void {
    const ops: MultiWriteOp[] = [
      { type: OpCode.check, request: { path: holder, version: -1 } },
      { type: OpCode.setData, request: { path: GUARDED_NODE, data: Buffer.from(holder), version: -1 } },
    ];
    this.ask({
      type: OpCode.multi,
      body: (writer) => encodeMultiRequest(writer, { ops }),
      answered: (err) => this.expectError(err, [], 'guarded write'),
    });
  }

  // ---- checks

  /** An answer shows exactly the state at its zxid. */
  private sees(path: string, zxid: number, stat: Stat | null, value: string | null): void {
    const expected = this.world.observer.tree.node(path)?.at(zxid) ?? null;
    const isSame =
      stat === null || expected === null
        ? stat === null && expected === null
        : Number(stat.mzxid) === expected.mzxid &&
          stat.version === expected.version &&
          Number(stat.czxid) === expected.czxid &&
          (value === null || value === expected.data);
    if (isSame) return;
    const show = (mzxid: number | null, version?: number) =>
      mzxid === null ? 'nothing' : `${hexZxid(mzxid)} v${version}`;
    this.wrong(
      `read ${path} at ${hexZxid(zxid)}`,
      `${show(stat === null ? null : Number(stat.mzxid), stat?.version)} ${value ?? ''}, expected ${show(expected?.mzxid ?? null, expected?.version)} ${expected?.data ?? ''}`,
    );
  }

  private expectError(err: number, expected: readonly number[], what: string): void {
    if (err !== 0 && !expected.includes(err)) this.wrong(what, `error ${err}`);
  }

  private wrong(what: string, got: string): never {
    throw new Violation('answers fit the state they show', `${this.name}: ${what} gave ${got}`);
  }
}
