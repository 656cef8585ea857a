/**
 * Who counts, and when: a leader commits what a quorum of the members has in its logs, and a change of the members what
 * a quorum of the old ones and a quorum of the new ones have. Whoever is no member any more commits nothing.
 *
 * Logs are counted when something was written into them, synced or not, and stay counted: this rule is about quorums.
 * That what counted is not lost again is a matter of the others.
 */
import {
  createQuorumVerifier,
  formatQuorumConfig,
  participantsOf,
  type QuorumConfig,
  type ServerId,
} from '@menagerie/ensemble';
import { Violation } from '../engine/violation.js';
import { hexZxid } from './zxids.js';

export class MembersRules {
  /** Null: one alone, which asks nobody. */
  private current: QuorumConfig | null = null;
  /** What each change has made of the members, as text. */
  private readonly texts = new Map<number, string>();

  begin(members: QuorumConfig | null): void {
    this.current = members;
  }

  /** Of what is committed. */
  get members(): QuorumConfig | null {
    return this.current;
  }

  get changes(): number {
    return this.texts.size;
  }

  textAt(zxid: number): string | undefined {
    return this.texts.get(zxid);
  }

  /** `leader` is about to commit a transaction of its epoch that nobody has committed before. */
  commits(leader: ServerId, zxid: number, loggedBy: ReadonlySet<ServerId>, change: QuorumConfig | null): void {
    const { current } = this;
    if (current === null) return;
    if (!participantsOf(current).includes(leader)) {
      throw new Violation('only a member leads', `server ${leader} commits ${hexZxid(zxid)}, and has no vote any more`);
    }
    for (const members of change === null ? [current] : [current, change]) {
      if (createQuorumVerifier(members).containsQuorum(loggedBy)) continue;
      throw new Violation(
        'a commit takes a quorum',
        `${hexZxid(zxid)} is in the logs of ${[...loggedBy].join(',')}, the voters are ${participantsOf(members).join(',')}`,
      );
    }
  }

  /** In the order of the history. */
  changed(zxid: number, members: QuorumConfig): void {
    this.current = members;
    this.texts.set(zxid, formatQuorumConfig(members));
  }
}
