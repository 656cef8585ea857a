import type { SnapshotDigest, SnapshotItem } from '@menagerie/zookeeper-protocol';
import type { Proposal } from './proposal.js';

/**
 * The replicated state: tree, sessions, and the last few hundred transactions that made it.
 * Owned by the core; filled by recovery, by synchronization with a leader, and by committed transactions.
 */
export interface Database {
  /**
   * Invariant: only `apply`, `advanceTo`, a finished load, `adopt` and `clear` move it, and never backwards but by a load and
   * `clear`.
   */
  readonly lastProcessedZxid: bigint;

  /** Applies the next transaction. Replaying one that is already in the state is harmless (zab.md section 7). */
  apply(proposal: Proposal): void;

  /** (epoch, 0) belongs to no transaction but is where an epoch starts (ZOOKEEPER-1319). */
  advanceTo(zxid: bigint): void;

  /** The last `commitLogCount` applied transactions; a gap empties it first (ZOOKEEPER-4925). */
  readonly committedLog: CommittedLog;

  /** Forgets everything: state, sessions, committed log; `lastProcessedZxid` is 0. */
  clear(): void;

  /**
   * Another database's state in place of this one, as what holds at `zxid`; the other must not be used any more.
   * The zxids of its nodes stay what they were.
   */
  adopt(other: Database, zxid: bigint): void;

  /** Sum of the node digests, modulo 2^64 (DigestCalculator of Apache, version 2). */
  readonly treeDigest: bigint;

  /**
   * Starts a snapshot of exactly this moment: transactions applied while it is drained are not in it.
   * `null` while as many are running as the database can keep apart (a disk snapshot and a few learners).
   */
  beginSnapshot(): SnapshotSource | null;

  /** Replaces the state by a snapshot. Until `finish` the old state is gone and the new one incomplete (ZOOKEEPER-3642). */
  beginLoad(): SnapshotSink;
}

export interface CommittedLog {
  /** Both 0n when empty. */
  readonly minZxid: bigint;
  readonly maxZxid: bigint;
  readonly size: number;
  /** In zxid order. */
  entries(): Iterable<Proposal>;
}

/** A consistent snapshot in pieces, so that no piece holds up the event loop. */
export interface SnapshotSource {
  /** The state holds exactly the transactions up to here. */
  readonly zxid: bigint;
  readonly treeDigest: bigint;
  /**
   * The next piece of the body (session table, ACL table, nodes, end mark; no file header, no seals), `null` at the end.
   * About `maxBytes` long: a node is not cut; a piece may be empty.
   *
   * @throws SnapshotAbandonedError when the state was replaced meanwhile, or what changed before it was drained
   *   would take too much memory to keep
   */
  next(maxBytes: number): Buffer | null;
  /** Must be called when the end was not reached. */
  abort(): void;
}

export interface SnapshotSink {
  push(item: SnapshotItem): void;
  /**
   * @param zxid what the state is now known to contain
   * @param digest what stood behind a file's body: where Apache's fuzzy snapshot becomes exact, and how the tree must
   *   look then; a stream from a leader has none
   */
  finish(zxid: bigint, digest?: SnapshotDigest | null): void;
}
