/**
 * Answers to notifications that are not counted here: of a server that looks for a leader while we have one, and of
 * servers that do not vote (observers, servers of another configuration). Source: FastLeaderElection.WorkerReceiver.
 */
import { type Notification, ServerState } from '@menagerie/zookeeper-protocol';
import type { ServerId } from '../contract/index.js';
import { MAX_SERVER_ID } from '../quorum/types.js';
import { notificationOf, sameVote, type Vote } from './vote.js';

interface Given {
  readonly vote: Vote;
  readonly state: ServerState;
  readonly atMs: number;
}

export class NonVoterAnswers {
  /** Invariant: at most MAX_SERVER_ID + 1 entries. */
  private readonly given = new Map<ServerId, Given>();

  /** @param sameAgainMs after this the same answer is given again */
  constructor(private readonly sameAgainMs: number) {}

  /**
   * Whether to answer. Two servers neither of which is a voter for the other would answer each other without end, so the
   * same words go to the same server once a while only.
   */
  isDue(to: ServerId, vote: Vote, state: ServerState, nowMs: number): boolean {
    if (to < 0 || to > MAX_SERVER_ID) return false;
    const last = this.given.get(to);
    if (last && last.state === state && sameVote(last.vote, vote) && nowMs - last.atMs < this.sameAgainMs) return false;
    this.given.set(to, { vote, state, atMs: nowMs });
    return true;
  }
}

/** What a server that has a leader says to one that has none; null for anybody else. */
export function answerOfEstablished(
  notification: Notification,
  state: ServerState,
  vote: Vote,
  configText: string,
): Notification | null {
  return notification.state === ServerState.LOOKING ? notificationOf(vote, state, configText) : null;
}
