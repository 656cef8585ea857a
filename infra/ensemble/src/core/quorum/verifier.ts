/** Which sets of servers can decide. Source: quorum/flexible/QuorumVerifier.java. */
import type { ServerId } from '../contract/index.js';
import { HierarchicalQuorum } from './hierarchical.js';
import { MajorityQuorum } from './majority.js';
import { participantsOf, type QuorumConfig } from './types.js';

export interface QuorumVerifier {
  /** In ascending order. */
  readonly voters: readonly ServerId[];
  /** 0: it has no say and can not be elected, as all that do not vote. */
  weightOf(server: ServerId): number;
  /** Any two sets for which this is true share a server. Servers that do not vote do not count. */
  containsQuorum(servers: ReadonlySet<ServerId>): boolean;
  /**
   * The highest number that every server of some quorum has reached.
   *
   * @param reached by position in `voters`
   */
  reachedByQuorum(reached: readonly number[]): number;
}

export function createQuorumVerifier(config: QuorumConfig): QuorumVerifier {
  const voters = participantsOf(config);
  return config.groups.size === 0
    ? new MajorityQuorum(voters)
    : new HierarchicalQuorum(voters, config.groups, config.weights);
}
