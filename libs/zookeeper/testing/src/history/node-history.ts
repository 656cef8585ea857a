/**
 * The one history of a node, put together from what many clients of many servers were told.
 *
 * A reply says two things: the node's state, which came to be at `mzxid`, and the zxid at which the server looked. So the
 * node was in this state from the one to the other, whoever asks whichever server. Two states, or a state and an absence,
 * that hold at the same zxid are a contradiction: a write that was lost, a read of what never was, a server with a history
 * of its own.
 */
import type { Stat } from '@menagerie/zookeeper-protocol';
import { hex, type Report } from './types.js';

interface Known {
  /** Null: the node is absent at `from`. */
  readonly state: State | null;
  readonly from: bigint;
  /** The last zxid at which it is known to have been so. */
  to: bigint;
  /** Who was told first, for the message. */
  readonly by: string;
}

interface State {
  readonly czxid: bigint;
  readonly version: number;
  /** Null where a stat was seen without data. */
  value: string | null;
}

type Attempt = 'pending' | 'unknown' | 'done' | 'refused';

/** Older states are forgotten: a client is never that far behind without being told of something newer. */
const MAX_KNOWN = 256;
const MAX_ATTEMPTS = 4_096;

export class NodeHistory {
  /** Invariant: ordered by `from`, and no two overlap. */
  private readonly known: Known[] = [];
  /** By value: what became of the writes of it. */
  private readonly attempts = new Map<string, Attempt>();
  /** Whether anybody ever asked for the node to go, or its session may have. */
  private mayVanish = false;
  private forgotBefore = 0n;

  constructor(
    readonly path: string,
    private readonly report: Report,
  ) {}

  attempt(value: string): void {
    // Tried again after an unknown end: whatever becomes of this one, the first may have been done.
    if (!this.attempts.has(value)) this.attempts.set(value, 'pending');
    if (this.attempts.size > MAX_ATTEMPTS) this.attempts.delete(this.attempts.keys().next().value!);
  }

  settle(value: string, outcome: Exclude<Attempt, 'pending'>): void {
    const before = this.attempts.get(value);
    if (before === 'pending' || (before === 'unknown' && outcome === 'done')) this.attempts.set(value, outcome);
  }

  /** A delete was asked for, or the node is ephemeral. */
  expectToVanish(): void {
    this.mayVanish = true;
  }

  /** Somebody was told at `zxid` that the node is so. `value` is null when only its stat was told. */
  present(by: string, zxid: bigint, stat: Stat, value: string | null): void {
    const { mzxid, czxid, version } = stat;
    if (mzxid > zxid) {
      return this.contradict(`${by} was told at ${hex(zxid)} of a change at ${hex(mzxid)}, which was yet to come`);
    }
    if (mzxid < this.forgotBefore) return;
    if (value !== null) this.judgeValue(by, value);
    const same = this.known.find(({ from, state }) => from === mzxid && state !== null);
    if (same === undefined) return this.insert({ state: { czxid, version, value }, from: mzxid, to: zxid, by });
    const state = same.state!;
    if (state.version !== version || state.czxid !== czxid || (value !== null && (state.value ?? value) !== value)) {
      this.contradict(
        `at ${hex(mzxid)} it is version ${state.version} ${quote(state.value)} for ${same.by} and version ${version} ${quote(value)} for ${by}`,
      );
    }
    state.value ??= value;
    if (zxid > same.to) {
      same.to = zxid;
      this.judgeNeighbours(this.known.indexOf(same));
    }
  }

  /** Somebody was told at `zxid` that there is no such node. */
  absent(by: string, zxid: bigint): void {
    if (zxid < this.forgotBefore) return;
    const before = this.known.findLast(({ from }) => from <= zxid);
    if (before !== undefined && before.state !== null && !this.mayVanish) {
      return this.contradict(
        `${by} was told at ${hex(zxid)} that it is not there, but it was created at ${hex(before.state.czxid)} and nobody deleted it`,
      );
    }
    // Of a row of absences the first and the last say all that the others do.
    const [last, beforeLast] = [this.known.at(-1), this.known.at(-2)];
    if (last?.state === null && beforeLast?.state === null && zxid > last.from) this.known.pop();
    this.insert({ state: null, from: zxid, to: zxid, by });
  }

  private insert(entry: Known): void {
    let at = this.known.length;
    while (at > 0 && this.known[at - 1]!.from > entry.from) at--;
    this.known.splice(at, 0, entry);
    this.judgeNeighbours(at);
    if (this.known.length > MAX_KNOWN) {
      const [gone] = this.known.splice(0, 1);
      this.forgotBefore = gone!.to + 1n;
    }
  }

  private judgeNeighbours(at: number): void {
    for (const [earlier, later] of [
      [this.known[at - 1], this.known[at]],
      [this.known[at], this.known[at + 1]],
    ]) {
      if (earlier === undefined || later === undefined) continue;
      if (earlier.state === null && later.state === null) continue;
      if (earlier.to >= later.from) {
        this.contradict(`${text(earlier)}, but ${text(later)}`);
      }
      const [one, other] = [earlier.state, later.state];
      if (one !== null && other !== null && one.czxid === other.czxid && one.version >= other.version) {
        this.contradict(`its version does not grow: ${text(earlier)}, then ${text(later)}`);
      }
    }
  }

  private judgeValue(by: string, value: string): void {
    const attempt = this.attempts.get(value);
    if (attempt === 'refused') this.contradict(`${by} read ${quote(value)}, which was refused when it was written`);
    if (attempt === undefined && this.attempts.size < MAX_ATTEMPTS) {
      this.contradict(`${by} read ${quote(value)}, which nobody wrote`);
    }
  }

  private contradict(detail: string): void {
    this.report('one history of each node', `${this.path}: ${detail}`);
  }
}

const quote = (value: string | null): string => (value === null ? '(value unseen)' : JSON.stringify(value));

function text({ state, from, to, by }: Known): string {
  if (state === null) return `${by} was told at ${hex(from)} that it is not there`;
  return `version ${state.version} ${quote(state.value)} came at ${hex(from)} and was there at ${hex(to)} (${by})`;
}
