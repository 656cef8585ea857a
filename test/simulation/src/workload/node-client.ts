/** A client of single nodes: each operation, and what its answer must look like beside the state at its zxid. */
import {
  CreateMode,
  decodeExistsResponse,
  decodeGetChildren2Response,
  decodeGetDataResponse,
  decodeSetDataResponse,
  encodeCreateRequest,
  encodeDeleteRequest,
  encodeExistsRequest,
  encodeGetChildren2Request,
  encodeGetDataRequest,
  encodeSetDataRequest,
  encodeSyncRequest,
  ErrorCode,
  OpCode,
  OPEN_ACL,
  type Stat,
} from '@menagerie/zookeeper-protocol';
import { hexZxid } from '../checkers/zxids.js';
import type { Random } from '../engine/random.js';
import { Violation } from '../engine/violation.js';
import type { PendingRegisterCall, Registers } from './registers.js';
import { type ClientWorld, SessionClient } from './session-client.js';

const { NoNode, NodeExists, BadVersion } = ErrorCode;

export interface NodeClientWorld extends ClientWorld {
  readonly registers: Registers;
}

export abstract class NodeClient extends SessionClient {
  protected counter = 0;
  /** As last seen. */
  protected readonly versions = new Map<string, number>();

  constructor(
    name: string,
    protected override readonly world: NodeClientWorld,
    random: Random,
    sessionTimeoutMs: number,
  ) {
    super(name, world, random, sessionTimeoutMs);
  }

  /** One that nobody has written before. */
  protected value(): string {
    return `${this.name}:${(this.counter += 1)}`;
  }

  protected create(path: string): void {
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

  protected set(path: string, version: number): void {
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

  protected delete(path: string): void {
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

  protected syncedRead(path: string): void {
    const call = this.world.registers.begin(path, { kind: 'read' });
    this.ask({
      type: OpCode.sync,
      body: (writer) => encodeSyncRequest(writer, { path }),
      answered: (err) => this.expectError(err, [], `sync ${path}`),
    });
    this.read(path, false, call);
  }

  protected read(path: string, watch: boolean, call: PendingRegisterCall | null): void {
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

  protected exists(path: string): void {
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

  protected children(path: string, watch: boolean, then: (names: readonly string[]) => void = () => undefined): void {
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

  /** An answer shows exactly the state at its zxid. */
  protected sees(path: string, zxid: number, stat: Stat | null, value: string | null): void {
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

  protected expectError(err: number, expected: readonly number[], what: string): void {
    if (err !== 0 && !expected.includes(err)) this.wrong(what, `error ${err}`);
  }

  protected wrong(what: string, got: string): never {
    throw new Violation('answers fit the state they show', `${this.name}: ${what} gave ${got}`);
  }
}
