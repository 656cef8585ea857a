/**
 * How a learner gets to our history, from where it stands. First rule that fits:
 *
 *   1. it asks for a snapshot                          -> SNAP
 *   2. it is where we are                              -> DIFF of nothing
 *   3. it is past our last transaction                 -> TRUNC to that one, unless it stands at an (epoch, 0)
 *   4. it is within the committed log:
 *        at an entry, or at an (epoch, 0)              -> DIFF of what follows
 *        between two entries                           -> SNAP: without a hole these are of two epochs, and a learner
 *                                                         does not truncate across epochs
 *   5. it is before the committed log                  -> DIFF out of the log on disk, then out of the committed log
 *   6. anything else                                   -> SNAP
 *
 * An (epoch, 0) is where a leader or a learner stands that has seen an epoch begin and no transaction in it; no log
 * holds it. Source: LearnerHandler.syncFollower, queueCommittedProposals.
 */
import { type CommittedLog, counterOf, followsZxid, type Proposal } from '../../contract/index.js';
import { NO_DATA } from '../../election/vote.js';

export type SyncPlan =
  | { readonly kind: 'diff'; readonly zxid: bigint; readonly proposals: readonly Proposal[] }
  | { readonly kind: 'trunc'; readonly zxid: bigint }
  /** Read (fromZxid, toZxid] from the disk; `proposals` follow it. */
  | {
      readonly kind: 'log';
      readonly zxid: bigint;
      readonly fromZxid: bigint;
      readonly toZxid: bigint;
      readonly proposals: readonly Proposal[];
    }
  | { readonly kind: 'snap'; readonly why: string };

export interface SyncInput {
  readonly peerLastZxid: bigint;
  readonly lastProcessedZxid: bigint;
  /** The same, or the transaction before it while it is the (epoch, 0) of an epoch without transactions. */
  readonly lastTransactionZxid: bigint;
  readonly committedLog: CommittedLog;
}

export function planSync(input: SyncInput): SyncPlan {
  const { peerLastZxid, lastProcessedZxid, lastTransactionZxid, committedLog } = input;
  const isEmpty = committedLog.size === 0;
  const min = isEmpty ? lastTransactionZxid : committedLog.minZxid;
  const max = isEmpty ? lastTransactionZxid : committedLog.maxZxid;
  if (peerLastZxid === NO_DATA) return { kind: 'snap', why: 'the learner needs one' };
  if (peerLastZxid === lastProcessedZxid || peerLastZxid === lastTransactionZxid) {
    return { kind: 'diff', zxid: peerLastZxid, proposals: [] };
  }
  if (peerLastZxid > max && counterOf(peerLastZxid) !== 0) return { kind: 'trunc', zxid: max };
  const entries = [...committedLog.entries()];
  if (!isContinuous(entries)) return { kind: 'snap', why: 'the committed log has a hole' };
  if (min <= peerLastZxid && peerLastZxid <= max) return planWithin(entries, peerLastZxid, max);
  if (peerLastZxid < min) {
    return { kind: 'log', zxid: max, fromZxid: peerLastZxid, toZxid: min, proposals: entries.slice(1) };
  }
  return { kind: 'snap', why: 'no common transaction in memory' };
}

/** Whether nothing is missing between neighbours (ZOOKEEPER-4925). */
export function isContinuous(proposals: readonly Proposal[]): boolean {
  return proposals.every((proposal, at) => at === 0 || followsZxid(proposal.zxid, proposals[at - 1]!.zxid));
}

function planWithin(entries: readonly Proposal[], peerLastZxid: bigint, max: bigint): SyncPlan {
  const at = entries.findIndex((entry) => entry.zxid > peerLastZxid);
  const proposals = at === -1 ? [] : entries.slice(at);
  const before = at === -1 ? entries.at(-1) : entries[at - 1];
  if (before?.zxid === peerLastZxid || counterOf(peerLastZxid) === 0) return { kind: 'diff', zxid: max, proposals };
  return { kind: 'snap', why: 'its last transactions are of an epoch that ended before them' };
}
