/** A client with something to do: picks one operation after the other, and knows what each answer must look like. */
import {
  CreateMode,
  decodeCreateResponse,
  decodeMultiResponse,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeMultiRequest,
  ErrorCode,
  type MultiWriteOp,
  OpCode,
  OPEN_ACL,
} from '@menagerie/zookeeper-protocol';
import { GUARDED_NODE, LOCK_DIRECTORY } from '../checkers/fencing.js';
import { hexZxid } from '../checkers/zxids.js';
import type { Random } from '../engine/random.js';
import type { Operation, Profile } from './profile.js';
import { NodeClient, type NodeClientWorld } from './node-client.js';

export interface WorkloadWorld extends NodeClientWorld {
  readonly profile: Profile;
  /** The directories are there. */
  isPrepared: boolean;
}

const SEQUENCES = '/sequences';
const EPHEMERALS = '/ephemerals';
const DIRECTORIES = [SEQUENCES, EPHEMERALS, LOCK_DIRECTORY, GUARDED_NODE];
export const NUMBERED_DIRECTORIES = [SEQUENCES, LOCK_DIRECTORY];
const MAX_EPHEMERALS = 8;
const MAX_BURST = 8;

export class WorkloadClient extends NodeClient {
  private stopped = false;
  private ephemerals: string[] = [];
  private lockNode: string | null = null;

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

  private prepare(): void {
    let left = DIRECTORIES.length;
    for (const path of DIRECTORIES) {
      this.ask({
        type: OpCode.create,
        body: (writer) =>
          encodeCreateRequest(writer, { path, data: Buffer.alloc(0), acl: OPEN_ACL, flags: CreateMode.persistent }),
        answered: (err) => {
          this.expectError(err, [ErrorCode.NodeExists], `create ${path}`);
          if (--left === 0) this.world.isPrepared = true;
        },
      });
    }
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
}
