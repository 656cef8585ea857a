/** How a follower finds out what it has that its leader has not, before it fetches (KIP-101, KIP-279). */
import type { EpochEnd } from '@menagerie/kafka-log';

export interface OwnLog {
  readonly logEndOffset: number;
  readonly highWatermark: number;
  endOffsetForEpoch(epoch: number): EpochEnd;
}

export interface Truncation {
  readonly offset: number;
  /** Otherwise the leader is asked again, for an older epoch. */
  readonly done: boolean;
}

/**
 * @param leaderEnd where the leader says that the largest epoch <= the one we asked for ends
 * @param askedEpoch our last epoch
 */
export function truncationFor(log: OwnLog, askedEpoch: number, leaderEnd: EpochEnd): Truncation {
  // The leader knows nothing of epochs: what is committed is all that is sure to be the same.
  if (leaderEnd.endOffset < 0) return { offset: log.highWatermark, done: true };
  if (leaderEnd.epoch === askedEpoch) return { offset: Math.min(leaderEnd.endOffset, log.logEndOffset), done: true };
  // It does not have our last epoch: go back to the last that both may have.
  const own = log.endOffsetForEpoch(leaderEnd.epoch);
  if (own.endOffset < 0) return { offset: Math.min(leaderEnd.endOffset, log.logEndOffset), done: true };
  const offset = Math.min(own.endOffset, leaderEnd.endOffset, log.logEndOffset);
  return { offset, done: own.epoch === leaderEnd.epoch };
}
