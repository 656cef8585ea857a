/** The last word of each voter. At most one entry a voter. */
import { ServerState } from '@menagerie/zookeeper-protocol';
import type { ServerId } from '../contract/index.js';
import type { Membership } from '../quorum/membership.js';
import { agree, type Ballot } from './vote.js';

export class Ballots {
  private readonly byVoter = new Map<ServerId, Ballot>();

  /** @param isQuorum by which configurations the ballots are counted */
  constructor(
    private readonly membership: Membership,
    private readonly isQuorum: (supporters: ReadonlySet<ServerId>) => boolean,
  ) {}

  put(voter: ServerId, ballot: Ballot): void {
    this.byVoter.set(voter, ballot);
  }

  clear(): void {
    this.byVoter.clear();
  }

  /** Whether a quorum says the same as `ballot`. */
  hasQuorumFor(ballot: Ballot): boolean {
    const supporters = new Set<ServerId>();
    for (const [voter, other] of this.byVoter) if (agree(ballot, other)) supporters.add(voter);
    return this.isQuorum(supporters);
  }

  /** Whether the server itself has said that it leads: voters may go on naming one that has crashed. */
  saysItLeads(server: ServerId): boolean {
    return this.byVoter.get(server)?.state === ServerState.LEADING;
  }

  /** Whether every voter has spoken, but for one that can not. */
  isComplete(except: ServerId | null): boolean {
    return this.membership.voters.every((voter) => voter === except || this.byVoter.has(voter));
  }
}
