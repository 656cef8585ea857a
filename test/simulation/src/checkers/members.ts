/**
 * Who counts, and when: a leader commits what a quorum of the members has in its logs, and a change of the members what
 * a quorum of the old ones and a quorum of the new ones have. Whoever is no member any more commits nothing. A leader begins
 * when a quorum has its history; where a change of the members is in it that nobody had committed, one of each again.
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
import { epochOfZxid, hexZxid } from './zxids.js';

const NOBODY: ReadonlySet<ServerId> = new Set();

export class MembersRules {
  /** Null: one alone, which asks nobody. */
  private current: QuorumConfig | null = null;
  /** What each change has made of the members, as text. */
  private readonly texts = new Map<number, string>();

  /** By epoch: who took up its leader's history. */
  private readonly followers = new Map<number, Set<ServerId>>();

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

  takesUp(by: ServerId, epoch: number): void {
    const known = this.followers.get(epoch);
    if (known === undefined) this.followers.set(epoch, new Set([by]));
    else known.add(by);
  }

  /**
   * `leader` has just begun the latest epoch there is. A change in its history that nobody had committed is completed by
   * those who took that up, or was in an epoch before, by a leader that has no place among the new members and led nobody.
   *
   * @param before the members of what was committed until then
   */
  leads(leader: ServerId, epoch: number, before: QuorumConfig | null): void {
    const { current, followers } = this;
    if (before === null || current === null) return;
    this.expectQuorum(leader, epoch, current, followers.get(epoch) ?? NOBODY);
    if (current === before) return;
    const changedIn = epochOfZxid(Number(current.version));
    const completed = [...followers].some(
      ([of, by]) =>
        of > changedIn &&
        of <= epoch &&
        createQuorumVerifier(before).containsQuorum(by) &&
        createQuorumVerifier(current).containsQuorum(by),
    );
    if (!completed) this.expectQuorum(leader, epoch, before, followers.get(epoch) ?? NOBODY);
  }

  private expectQuorum(leader: ServerId, epoch: number, members: QuorumConfig, followers: ReadonlySet<ServerId>): void {
    if (createQuorumVerifier(members).containsQuorum(followers)) return;
    throw new Violation(
      'a leader takes a quorum',
      `server ${leader} leads epoch ${epoch} with ${[...followers].join(',')}, the voters are ${participantsOf(members).join(',')}`,
    );
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
