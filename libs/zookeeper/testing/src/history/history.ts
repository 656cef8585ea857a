/**
 * A history checker: watches what clients ask and are told, whatever servers they speak to, and reports what can not be
 * true of ZooKeeper. It judges while the history goes on and keeps a bounded part of it.
 *
 * - writes are linearizable: one that began after another was acknowledged has the larger zxid;
 * - every node has one history (`NodeHistory`): no acknowledged write is lost, none is invented, none seen before its time;
 * - a session never goes back: the zxids of its replies do not fall, over all its servers;
 * - watches (`SessionWatches`): once, before the new state, none lost;
 * - sequence numbers are unique, and grow;
 * - a list of children has every child that is acknowledged by then, and none that was refused;
 * - sessions: not expired early; an ephemeral node is there as long as its session is, and not after its end.
 */
import { NodeHistory } from './node-history.js';
import { SessionHistory } from './session-history.js';
import { ParentHistory } from './parent-history.js';
import { hex, type Call, type Outcome, type Report } from './types.js';

export interface HistoryOptions {
  /**
   * `syncLimit` in milliseconds where servers are cut off from each other: a follower answers its clients for so long before
   * it misses its leader, who meanwhile counts their sessions from when it last told of them. Default 0.
   */
  readonly followerBlindMs?: number;
}

/** What is unknown for so long that so many have come after it is no longer waited for. */
const MAX_UNPLACED = 10_000;

/** A call that has begun. */
export interface Pending {
  readonly call: Call;
  readonly begunMs: number;
  /** The newest write that anybody knew to be done when this one began. */
  readonly floor: bigint;
  /** The newest number under this parent that anybody knew when this sequential create began. */
  readonly sequenceFloor: number;
}

const WRITES: readonly Call['kind'][] = ['create', 'set', 'delete'];
const ABSENT_IS_AN_ANSWER: readonly Call['kind'][] = ['get', 'exists', 'set', 'delete', 'children'];

export class History {
  private newestWrite = 0n;
  private readonly nodes = new Map<string, NodeHistory>();
  private readonly parents = new Map<string, ParentHistory>();
  private readonly sessions = new Map<bigint, SessionHistory>();
  /** Values of sequential creates that have not been answered: which node they are on, only the server knows. */
  private readonly unplaced = new Set<string>();
  private forgotten: string | null = null;

  constructor(
    private readonly report: Report,
    private readonly options: HistoryOptions = {},
  ) {}

  /** Nodes that are followed now: what its memory depends on. */
  get size(): number {
    return this.nodes.size;
  }

  begun(call: Call, nowMs: number): Pending {
    const parent = this.parent(parentOf(call.path));
    if (call.value !== undefined) {
      if (call.sequential) this.place(call.value);
      else this.node(call.path).attempt(call.value);
    }
    if (call.kind === 'delete') {
      this.node(call.path).expectToVanish();
      parent.mayGo(call.path);
      this.sessions.get(call.sessionId)?.ephemerals.delete(call.path);
    }
    if (call.ephemeral && !call.sequential) this.node(call.path).expectToVanish();
    return { call, begunMs: nowMs, floor: this.newestWrite, sequenceFloor: parent.highest };
  }

  ended(pending: Pending, outcome: Outcome): void {
    const { call } = pending;
    if (outcome.kind === 'unknown') {
      if (call.value !== undefined && !call.sequential) this.node(call.path).settle(call.value, 'unknown');
      return;
    }
    if (call.sequential && call.value !== undefined) this.unplaced.delete(call.value);
    const session = this.session(call);
    session.replied(outcome.zxid, pending.begunMs, WRITES.includes(call.kind));
    if (outcome.kind === 'refused') this.refused(pending, outcome, session);
    else if (WRITES.includes(call.kind)) this.written(pending, outcome, session);
    else this.read(call, outcome, session);
  }

  /** A watch event. `zxid` is not judged: the protocol does not promise one. */
  event(sessionId: bigint, path: string): void {
    this.sessions.get(sessionId)?.watches.fired(path);
  }

  /** What a client that reconnects has to register again: nodes it watches, by whether they were there. */
  watched(sessionId: bigint): { readonly present: readonly string[]; readonly absent: readonly string[] } {
    return this.sessions.get(sessionId)?.watches.outstanding ?? { present: [], absent: [] };
  }

  /** The session exists, or is taken up again by another server. */
  attached(client: string, sessionId: bigint, timeoutMs: number, sentMs: number): void {
    this.sessionOf(client, sessionId).attached(timeoutMs, sentMs);
  }

  /** A server said that the session is over. */
  expired(sessionId: bigint, nowMs: number): void {
    this.sessions.get(sessionId)?.expired(nowMs);
    this.sessions.delete(sessionId);
  }

  /** The client closed its session, which was done at `zxid`; its ephemeral nodes went with it. */
  closed(sessionId: bigint, zxid: bigint): void {
    const session = this.sessions.get(sessionId);
    for (const path of session?.ephemerals ?? []) this.node(path).absent(`${session!.client} (closing)`, zxid);
    this.sessions.delete(sessionId);
  }

  /** The session is nobody's any longer: it is to expire. */
  abandoned(sessionId: bigint): void {
    this.sessions.delete(sessionId);
  }

  /** Everything under a path is over and will not be looked at again: what was known of it is dropped; its watches, with the next. */
  forget(prefix: string): void {
    for (const map of [this.nodes, this.parents]) {
      for (const path of map.keys()) if (path.startsWith(prefix)) map.delete(path);
    }
    // Its last events may still be on their way.
    const { forgotten } = this;
    if (forgotten !== null) for (const { watches } of this.sessions.values()) watches.forget(forgotten);
    this.forgotten = prefix;
  }

  private written(pending: Pending, outcome: Outcome & { kind: 'done' }, session: SessionHistory): void {
    const { call, floor } = pending;
    const { stat } = outcome;
    const path = outcome.path ?? call.path;
    const zxid = stat?.mzxid ?? outcome.zxid;
    if (zxid <= floor) {
      this.report(
        'writes are linearizable',
        `${call.client} wrote ${path} at ${hex(zxid)}, and ${hex(floor)} was acknowledged before it asked`,
      );
    }
    if (zxid > this.newestWrite) this.newestWrite = zxid;
    const node = this.node(path);
    if (call.kind === 'delete') {
      node.absent(call.client, zxid);
      this.parent(parentOf(path)).went(path, zxid);
      return;
    }
    if (call.sequential && call.value !== undefined) node.attempt(call.value);
    if (call.value !== undefined) node.settle(call.value, 'done');
    if (call.ephemeral) {
      node.expectToVanish();
      session.ephemerals.add(path);
    }
    if (stat !== undefined) node.present(call.client, zxid, stat, call.value ?? null);
    if (call.kind === 'create') {
      const parent = this.parent(parentOf(path));
      parent.made(path, zxid, call.ephemeral === true);
      if (call.sequential) parent.numbered(call.client, path, pending.sequenceFloor);
    } else if (
      call.version !== undefined &&
      call.version >= 0 &&
      stat !== undefined &&
      stat.version !== call.version + 1
    ) {
      this.report(
        'a write depends on the version it names',
        `${call.client} set ${path} from version ${call.version} and made version ${stat.version}`,
      );
    }
  }

  private refused({ call }: Pending, outcome: Outcome & { kind: 'refused' }, session: SessionHistory): void {
    const node = this.node(call.path);
    if (call.value !== undefined && !call.sequential) node.settle(call.value, 'refused');
    if (call.kind === 'delete') this.parent(parentOf(call.path)).went(call.path, null);
    if (outcome.error !== 'NoNode' || !ABSENT_IS_AN_ANSWER.includes(call.kind)) return;
    node.absent(call.client, outcome.zxid);
    session.watches.shown(call.path, null, call.kind === 'exists' && call.watch === true);
    session.missing(call.path);
  }

  private read(call: Call, outcome: Outcome & { kind: 'done' }, session: SessionHistory): void {
    const { zxid, stat, value, children } = outcome;
    if (stat !== undefined && call.kind !== 'children') {
      const node = this.node(call.path);
      if (value !== undefined && this.unplaced.delete(value)) node.attempt(value);
      node.present(call.client, zxid, stat, value ?? null);
      session.watches.shown(call.path, stat.mzxid, call.watch === true);
    }
    if (children !== undefined) this.parent(call.path).listed(call.client, children, zxid);
  }

  private place(value: string): void {
    this.unplaced.add(value);
    if (this.unplaced.size > MAX_UNPLACED) this.unplaced.delete(this.unplaced.values().next().value!);
  }

  private node(path: string): NodeHistory {
    let node = this.nodes.get(path);
    if (node === undefined) this.nodes.set(path, (node = new NodeHistory(path, this.report)));
    return node;
  }

  private parent(path: string): ParentHistory {
    let parent = this.parents.get(path);
    if (parent === undefined) this.parents.set(path, (parent = new ParentHistory(path, this.report)));
    return parent;
  }

  private session({ client, sessionId }: Call): SessionHistory {
    return this.sessionOf(client, sessionId);
  }

  private sessionOf(client: string, sessionId: bigint): SessionHistory {
    let session = this.sessions.get(sessionId);
    if (session === undefined) {
      const { followerBlindMs = 0 } = this.options;
      session = new SessionHistory(client, sessionId, this.report, followerBlindMs);
      this.sessions.set(sessionId, session);
    }
    return session;
  }
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';
