/**
 * What the committed transactions make of an empty tree, by rules of our own: whether each of them makes sense where it
 * stands, and what every node was at every zxid. Clients' answers are compared with this, the servers' trees at the end.
 */
import { OpCode, type Txn, type TxnHeader } from '@menagerie/zookeeper-protocol';
import { Violation } from '../engine/violation.js';
import { Timeline } from './timeline.js';
import { hexZxid } from './zxids.js';

export interface NodeState {
  readonly czxid: number;
  readonly mzxid: number;
  readonly version: number;
  /** 0n for a node that stays. */
  readonly owner: bigint;
  readonly data: string;
}

/** Of a directory: when a child came or went, how many there are, and the last sequence number given. */
export interface ChildrenState {
  readonly pzxid: number;
  readonly count: number;
}

const ROOT_CHILDREN_AT_START = 1;
const SEQUENCE = /(\d{10})$/;

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

export class TreeModel {
  private readonly nodes = new Map<string, NodeState>();
  private readonly children = new Map<string, Set<string>>();
  private readonly nodeTimelines = new Map<string, Timeline<NodeState | null>>();
  private readonly childTimelines = new Map<string, Timeline<ChildrenState>>();
  private readonly lastSequence = new Map<string, number>();
  private readonly ephemerals = new Map<bigint, Set<string>>();

  /** @param numbered directories whose nodes are all made with a sequence number */
  constructor(private readonly numbered: readonly string[]) {
    this.children.set('/', new Set());
  }

  get size(): number {
    return this.nodes.size;
  }

  current(path: string): NodeState | null {
    return this.nodes.get(path) ?? null;
  }

  paths(): Iterable<[string, NodeState]> {
    return this.nodes;
  }

  node(path: string): Timeline<NodeState | null> | undefined {
    return this.nodeTimelines.get(path);
  }

  childrenOf(path: string): Timeline<ChildrenState> | undefined {
    return this.childTimelines.get(path);
  }

  childNames(path: string): ReadonlySet<string> {
    return this.children.get(path) ?? new Set();
  }

  ownedBy(session: bigint): ReadonlySet<string> {
    return this.ephemerals.get(session) ?? new Set();
  }

  /** @throws Violation for what can not happen to this tree */
  apply(zxid: number, header: TxnHeader, txn: Txn): void {
    switch (txn.type) {
      case OpCode.create:
      case OpCode.create2:
        return this.create(zxid, txn.path, txn.data, txn.ephemeral ? header.clientId : 0n);
      case OpCode.createContainer:
      case OpCode.createTtl:
        return this.create(zxid, txn.path, txn.data, 0n);
      case OpCode.delete:
      case OpCode.deleteContainer:
        return this.delete(zxid, txn.path);
      case OpCode.setData:
        return this.setData(zxid, txn.path, txn.data, txn.version);
      case OpCode.closeSession:
        return this.closeSession(zxid, header.clientId, txn.paths ?? []);
      case OpCode.multi:
        if (txn.ops.some((op) => op.type === OpCode.error)) return;
        for (const op of txn.ops) this.apply(zxid, header, op);
        return;
      default:
        return;
    }
  }

  private create(zxid: number, path: string, data: Buffer | null, owner: bigint): void {
    const parent = parentOf(path);
    if (this.nodes.has(path)) throw senseless(zxid, `creates ${path}, which is there`);
    if (parent !== '/' && !this.nodes.has(parent)) throw senseless(zxid, `creates ${path} under nothing`);
    this.sequence(zxid, parent, path);
    this.put(zxid, path, { czxid: zxid, mzxid: zxid, version: 0, owner, data: data?.toString('latin1') ?? '' });
    this.children.get(parent)!.add(path);
    this.children.set(path, new Set());
    this.touchChildren(zxid, parent);
    if (owner === 0n) return;
    const owned = this.ephemerals.get(owner);
    if (owned === undefined) this.ephemerals.set(owner, new Set([path]));
    else owned.add(path);
  }

  private delete(zxid: number, path: string): void {
    const node = this.nodes.get(path);
    if (node === undefined) throw senseless(zxid, `deletes ${path}, which is not there`);
    if (this.children.get(path)!.size > 0) throw senseless(zxid, `deletes ${path}, which has children`);
    const parent = parentOf(path);
    this.nodes.delete(path);
    this.children.delete(path);
    this.timeline(path).set(zxid, null);
    this.children.get(parent)!.delete(path);
    this.touchChildren(zxid, parent);
    this.ephemerals.get(node.owner)?.delete(path);
  }

  private setData(zxid: number, path: string, data: Buffer | null, version: number): void {
    const node = this.nodes.get(path);
    if (node === undefined) throw senseless(zxid, `sets ${path}, which is not there`);
    if (version !== node.version + 1) {
      throw senseless(zxid, `sets ${path} to version ${version} after ${node.version}`);
    }
    this.put(zxid, path, { ...node, mzxid: zxid, version, data: data?.toString('latin1') ?? '' });
  }

  /** Every ephemeral of a session goes with it, and nothing else does. */
  private closeSession(zxid: number, session: bigint, paths: readonly string[]): void {
    const owned = [...this.ownedBy(session)];
    const named = new Set(paths);
    const forgotten = owned.find((path) => !named.has(path));
    if (forgotten !== undefined || named.size !== owned.length) {
      throw new Violation(
        'ephemerals end with their session',
        `${hexZxid(zxid)} closes 0x${session.toString(16)} and names ${paths.join(' ') || 'nothing'}, it owns ${owned.join(' ') || 'nothing'}`,
      );
    }
    for (const path of owned) this.delete(zxid, path);
  }

  /** Numbers of one directory grow with the zxid, whoever asks. */
  private sequence(zxid: number, parent: string, path: string): void {
    const match = SEQUENCE.exec(path);
    if (match === null || !this.numbered.includes(parent)) return;
    const number = Number(match[1]);
    const last = this.lastSequence.get(parent) ?? -1;
    if (number <= last) {
      throw new Violation('sequence numbers grow', `${hexZxid(zxid)} creates ${path} after number ${last}`);
    }
    this.lastSequence.set(parent, number);
  }

  private put(zxid: number, path: string, node: NodeState): void {
    this.nodes.set(path, node);
    this.timeline(path).set(zxid, node);
  }

  private timeline(path: string): Timeline<NodeState | null> {
    let timeline = this.nodeTimelines.get(path);
    if (timeline === undefined) this.nodeTimelines.set(path, (timeline = new Timeline()));
    return timeline;
  }

  private touchChildren(zxid: number, parent: string): void {
    let timeline = this.childTimelines.get(parent);
    if (timeline === undefined) this.childTimelines.set(parent, (timeline = new Timeline()));
    const atStart = parent === '/' ? ROOT_CHILDREN_AT_START : 0;
    timeline.set(zxid, { pzxid: zxid, count: this.children.get(parent)!.size + atStart });
  }
}

const senseless = (zxid: number, what: string): Violation =>
  new Violation('a transaction fits the state it was made for', `${hexZxid(zxid)} ${what}`);
