/**
 * What this server knows and has promised: log, database and epochs as one thing.
 *
 *   logged, in order:   [ ........ applied ........ | ........ pending ........ ]
 *                        in the database             logged, not known committed
 *   durable:            [ ................... ]        some prefix of what was appended
 *
 * The tail that is logged but not applied is what most of ZooKeeper's lost data came from. While there is a leader it
 * waits for its commits in `pending`. When a role ends it is applied, so that what this server votes with, what its
 * database holds and what its log holds are the same history (ZOOKEEPER-2845).
 */
import assert from 'node:assert';
import {
  type Database,
  type EpochKind,
  epochOf,
  followsZxid,
  formatZxid,
  makeZxid,
  type PeerEffects,
  type PeerInput,
  type Proposal,
} from '../contract/index.js';
import { ProposalQueue } from './proposal-queue.js';

type StorageAnswer = Extract<
  PeerInput,
  { kind: 'durable' | 'epochSaved' | 'truncated' | 'reloaded' | 'snapshotSaved' | 'logRead' }
>;

export class History {
  /**
   * Highest epoch this server has promised to follow, as it will be on disk.
   * Invariant: currentEpoch <= acceptedEpoch; neither ever falls.
   */
  private accepted = 0;
  /** Epoch of the leader whose history this server has taken over. */
  private current = 0;
  private savedAccepted = 0;
  private savedCurrent = 0;

  /** Invariant: every transaction up to here is in the database or in `pending`, and in the log or a snapshot. */
  private lastLogged = 0n;
  /** Invariant: durable <= lastAppended once nothing is on its way to the disk. */
  private lastAppended = 0n;
  private durable = 0n;

  /** Invariant: in zxid order, after `database.lastProcessedZxid`, the last one is `lastLoggedZxid`. */
  readonly pending = new ProposalQueue();

  /** Rebuilding the state from or onto the disk: nobody may rely on it before that is over. */
  private rebuilding: 'truncate' | 'reload' | 'snapshot' | null = null;
  private loading = false;
  private snapshotToken = 0;

  /** Log and snapshots can not give the state the leader asked for: only its own snapshot will do. */
  needsSnapshot = false;

  constructor(
    private readonly database: Database,
    private readonly effects: PeerEffects,
  ) {}

  get acceptedEpoch(): number {
    return this.accepted;
  }

  get currentEpoch(): number {
    return this.current;
  }

  /** What the vote uses: committed or not, durable or not. Acknowledging it is another matter. */
  get lastLoggedZxid(): bigint {
    return this.lastLogged;
  }

  get lastAppendedZxid(): bigint {
    return this.lastAppended;
  }

  get durableZxid(): bigint {
    return this.durable;
  }

  /** False while the database is being filled or saved: then there is nothing to vote with. */
  get isSettled(): boolean {
    return this.rebuilding === null && !this.loading;
  }

  isPromiseSaved(epoch: number): boolean {
    return this.savedAccepted >= epoch;
  }

  isCurrentEpochSaved(epoch: number): boolean {
    return this.savedCurrent >= epoch;
  }

  start(lastLoggedZxid: bigint, acceptedEpoch: number, currentEpoch: number): void {
    if (currentEpoch > acceptedEpoch) {
      assert.fail(`expected currentEpoch <= acceptedEpoch, got ${currentEpoch} > ${acceptedEpoch}`);
    }
    // A transaction of an epoch not yet current: the crash came between "log" and "epoch", in this order.
    if (lastLoggedZxid > 0n && epochOf(lastLoggedZxid) > acceptedEpoch) {
      assert.fail(`expected a log up to epoch ${acceptedEpoch}, got ${formatZxid(lastLoggedZxid)}`);
    }
    this.accepted = this.savedAccepted = acceptedEpoch;
    this.current = this.savedCurrent = currentEpoch;
    this.lastLogged = lastLoggedZxid;
    this.lastAppended = this.durable = lastLoggedZxid;
  }

  /** The next transaction into the log; `pending` until it is taken out by a commit. */
  append(proposal: Proposal): void {
    const { zxid } = proposal;
    if (zxid <= this.lastLogged) {
      assert.fail(`expected a zxid after ${formatZxid(this.lastLogged)}, got ${formatZxid(zxid)}`);
    }
    if (!this.isSettled) assert.fail(`expected nothing to be appended during a ${this.rebuilding ?? 'load'}`);
    this.effects.appendToLog(zxid, proposal.bytes);
    this.lastLogged = this.lastAppended = zxid;
    this.pending.push(proposal);
  }

  /** As `append`, for an observer that keeps no log: gone with a restart. */
  rememberOnly(proposal: Proposal): void {
    if (proposal.zxid <= this.lastLogged) {
      assert.fail(`expected a zxid after ${formatZxid(this.lastLogged)}, got ${formatZxid(proposal.zxid)}`);
    }
    this.lastLogged = proposal.zxid;
    this.pending.push(proposal);
  }

  /** A committed transaction into the database while no clients are served. */
  applyNext(): Proposal {
    const proposal = this.pending.shift();
    this.database.apply(proposal);
    return proposal;
  }

  /** The role is over: the tail that may or may not be committed becomes part of what this server stands for. */
  applyTail(): void {
    while (this.pending.length > 0) this.applyNext();
  }

  /** A leader begins its epoch: everything before it is committed now. */
  beginEpoch(epoch: number): void {
    if (this.pending.length > 0) assert.fail(`expected an applied history, got ${this.pending.length} pending`);
    const zxid = makeZxid(epoch, 0);
    this.database.advanceTo(zxid);
    this.lastLogged = zxid;
    this.needsSnapshot = false;
  }

  /** Whether `zxid` may come next without a hole (ZOOKEEPER-4925). */
  isNext(zxid: bigint): boolean {
    return followsZxid(zxid, this.lastLogged);
  }

  /** Promises not to follow a leader of an earlier epoch. Not to be told to anybody before it is saved. */
  promise(epoch: number): void {
    if (epoch < this.accepted) assert.fail(`expected a promise of ${this.accepted} or later, got ${epoch}`);
    this.accepted = epoch;
    this.effects.saveEpoch('accepted', epoch);
  }

  /**
   * The history is that leader's now. Only after it is on disk up to `lastZxid`, where that leader began: an epoch
   * without its transactions would win the next election over servers which have them (ZOOKEEPER-4643).
   */
  adoptEpoch(epoch: number, lastZxid: bigint): void {
    if (this.durable < lastZxid) {
      assert.fail(`expected a durable history up to ${formatZxid(lastZxid)}, got ${formatZxid(this.durable)}`);
    }
    if (epoch < this.current || epoch > this.accepted) {
      assert.fail(`expected an epoch of ${this.current} to ${this.accepted}, got ${epoch}`);
    }
    this.current = epoch;
    this.effects.saveEpoch('current', epoch);
  }

  truncate(zxid: bigint): void {
    this.beginRebuild('truncate');
    this.effects.truncateLog(zxid);
  }

  beginLoad(): ReturnType<Database['beginLoad']> {
    this.beginRebuild(null);
    this.loading = true;
    return this.database.beginLoad();
  }

  /** The database holds the leader's snapshot; the disk is to follow. */
  finishLoad(zxid: bigint): void {
    this.loading = false;
    this.lastLogged = zxid;
    this.rebuilding = 'snapshot';
    this.snapshotToken++;
    this.effects.saveSnapshot(this.snapshotToken);
  }

  /**
   * An operator's state takes the place of this one, under a zxid that is no earlier than anything logged, so that nobody
   * sees zxids go back.
   */
  replaceBy(state: Database, zxid: bigint): void {
    this.beginRebuild(null);
    this.database.adopt(state, zxid);
    this.finishLoad(zxid);
  }

  /** A snapshot broke off: its half is worth nothing, and neither is a database with it (ZOOKEEPER-3642). */
  abandonLoad(): void {
    if (!this.loading) return;
    this.database.clear();
    this.loading = false;
    this.rebuilding = 'reload';
    this.effects.reloadDatabase();
  }

  /** What the storage has to say comes here first, then to the role. */
  hear(answer: StorageAnswer): void {
    switch (answer.kind) {
      case 'durable':
        if (answer.zxid > this.durable) this.durable = answer.zxid;
        return;
      case 'epochSaved':
        return this.epochSaved(answer.which, answer.epoch);
      case 'truncated':
        this.endRebuild('truncate');
        if (answer.zxid === null) this.needsSnapshot = true;
        else this.rebuiltTo(answer.zxid);
        return;
      case 'reloaded':
        this.endRebuild('reload');
        return this.rebuiltTo(answer.zxid);
      case 'snapshotSaved':
        if (answer.token !== this.snapshotToken) return;
        this.endRebuild('snapshot');
        this.needsSnapshot = false;
        return this.rebuiltTo(answer.zxid);
      case 'logRead':
        return;
    }
  }

  private epochSaved(which: EpochKind, epoch: number): void {
    if (which === 'accepted') this.savedAccepted = Math.max(this.savedAccepted, epoch);
    else this.savedCurrent = Math.max(this.savedCurrent, epoch);
  }

  private rebuiltTo(zxid: bigint): void {
    this.lastLogged = zxid;
    this.lastAppended = this.durable = zxid;
  }

  private beginRebuild(what: 'truncate' | null): void {
    if (this.pending.length > 0) assert.fail(`expected no pending transactions, got ${this.pending.length}`);
    if (!this.isSettled) assert.fail(`expected a settled history, got a ${this.rebuilding ?? 'load'} running`);
    this.rebuilding = what;
  }

  private endRebuild(what: 'truncate' | 'reload' | 'snapshot'): void {
    if (this.rebuilding !== what) assert.fail(`expected the end of ${this.rebuilding ?? 'nothing'}, got ${what}`);
    this.rebuilding = null;
  }
}
