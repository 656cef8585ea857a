/**
 * Discovery: a new epoch is one more than any that a quorum has promised, and the leader is one that no member of a
 * quorum is ahead of. Until both are settled nobody leads. Source: Leader.getEpochToPropose, waitForEpochAck.
 *
 *   gathering --(a quorum, ourselves included, has said which epoch it promised last)--> proposing
 *   proposing --(a quorum, ourselves included, has promised the new one)--> agreed
 *
 * Each step is taken once and never back, so that no order of arrivals can miss it (ZOOKEEPER-1270).
 */
import assert from 'node:assert';
import { EPOCH_ALREADY_ACKNOWLEDGED } from '@menagerie/zookeeper-protocol';
import type { ServerId } from '../../contract/index.js';
import type { Membership } from '../../quorum/membership.js';
import { NO_DATA } from '../../election/vote.js';

/** How far a server has come: whose history it has, and how much of it. */
export interface StateSummary {
  readonly currentEpoch: number;
  readonly lastZxid: bigint;
}

export const isAheadOf = (one: StateSummary, other: StateSummary): boolean =>
  one.currentEpoch !== other.currentEpoch ? one.currentEpoch > other.currentEpoch : one.lastZxid > other.lastZxid;

export class EpochAgreement {
  private phase: 'gathering' | 'proposing' | 'agreed' = 'gathering';
  private highestAccepted = -1;
  private readonly gathered = new Set<ServerId>();
  private readonly promised = new Set<ServerId>();

  constructor(
    private readonly self: ServerId,
    private readonly membership: Pick<Membership, 'hasQuorum'>,
    private readonly ours: StateSummary,
  ) {}

  /** The epoch to be promised; null while there may still be a higher one. */
  get newEpoch(): number | null {
    return this.phase === 'gathering' ? null : this.highestAccepted + 1;
  }

  get isAgreed(): boolean {
    return this.phase === 'agreed';
  }

  /** Who has joined or promised so far, for the log. */
  get supporters(): readonly ServerId[] {
    return [...(this.phase === 'gathering' ? this.gathered : this.promised)];
  }

  /** A server tells the last epoch it has promised. */
  join(server: ServerId, acceptedEpoch: number): void {
    if (this.phase !== 'gathering') return;
    this.highestAccepted = Math.max(this.highestAccepted, acceptedEpoch);
    this.gathered.add(server);
    if (this.gathered.has(this.self) && this.membership.hasQuorum(this.gathered)) this.phase = 'proposing';
  }

  /**
   * A server has promised the new epoch, or had done so before (`EPOCH_ALREADY_ACKNOWLEDGED`), which does not count.
   *
   * @returns false if it is ahead of us: then we must not lead it
   */
  acknowledge(server: ServerId, theirs: StateSummary): boolean {
    assert(this.phase !== 'gathering', 'expected a proposed epoch, got an acknowledgement before');
    if (this.phase === 'agreed' || theirs.currentEpoch === EPOCH_ALREADY_ACKNOWLEDGED) return true;
    if (isAheadOf(theirs, this.ours)) return false;
    if (theirs.lastZxid !== NO_DATA || this.isBehind(theirs)) this.promised.add(server);
    if (this.promised.has(this.self) && this.membership.hasQuorum(this.promised)) this.phase = 'agreed';
    return true;
  }

  /**
   * A server that asks for a snapshot does not say what it has. All it ever acknowledged was committed in its current
   * epoch or before, so one of an earlier epoch than ours can miss nothing here. One of epoch 0 may have lost its disk.
   */
  private isBehind(theirs: StateSummary): boolean {
    return theirs.currentEpoch > 0 && theirs.currentEpoch < this.ours.currentEpoch;
  }
}
