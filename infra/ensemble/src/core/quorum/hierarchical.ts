/**
 * Servers in groups, each with a weight: more than half of the groups, and in each of those more than half of its weight.
 * A group without weight does not count. Source: QuorumHierarchical.java.
 */
import assert from 'node:assert';
import type { ServerId } from '../contract/index.js';
import type { QuorumVerifier } from './verifier.js';

interface Group {
  readonly voters: readonly ServerId[];
  /** Of all its servers, those that do not vote included if they were given a weight. */
  readonly weight: number;
}

export class HierarchicalQuorum implements QuorumVerifier {
  private readonly groups: readonly Group[];
  private readonly weights: ReadonlyMap<ServerId, number>;

  constructor(
    readonly voters: readonly ServerId[],
    groups: ReadonlyMap<number, readonly ServerId[]>,
    weights: ReadonlyMap<ServerId, number>,
  ) {
    this.weights = new Map([...voters.map((voter): [ServerId, number] => [voter, 1]), ...weights]);
    this.groups = [...groups.values()]
      .map((servers) => ({
        voters: servers.filter((server) => voters.includes(server)),
        weight: servers.reduce((sum, server) => sum + this.weightOf(server), 0),
      }))
      .filter((group) => group.weight > 0);
    assert(this.groups.length > 0, `expected a group with weight, got ${groups.size} without`);
  }

  weightOf(server: ServerId): number {
    return this.weights.get(server) ?? 0;
  }

  containsQuorum(servers: ReadonlySet<ServerId>): boolean {
    let majorities = 0;
    for (const group of this.groups) {
      let weight = 0;
      for (const voter of group.voters) if (servers.has(voter)) weight += this.weightOf(voter);
      if (weight * 2 > group.weight) majorities++;
    }
    return majorities * 2 > this.groups.length;
  }

  reachedByQuorum(reached: readonly number[]): number {
    const { voters } = this;
    assert(reached.length === voters.length, `expected ${voters.length} numbers, got ${reached.length}`);
    const candidates = [...reached].sort((one, other) => other - one);
    for (const candidate of candidates) {
      const servers = new Set(voters.filter((_, at) => reached[at]! >= candidate));
      if (this.containsQuorum(servers)) return candidate;
    }
    return candidates.at(-1)!;
  }
}
