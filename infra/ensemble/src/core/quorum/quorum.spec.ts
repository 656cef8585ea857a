import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQuorumVerifier, parseQuorumConfigText, type QuorumVerifier } from './index.js';

const servers = (count: number) =>
  Array.from({ length: count }, (_, at) => `server.${at + 1}=h${at + 1}:2888:3888`).join('\n');
const verifierOf = (text: string): QuorumVerifier => createQuorumVerifier(parseQuorumConfigText(text));

describe('a majority', () => {
  it.each([
    [1, [1], true],
    [2, [1], false],
    [3, [1, 3], true],
    [4, [1, 2], false],
    [5, [2, 3, 5], true],
  ])('of %i voters: %j is a quorum: %s', (count, ids, expected) => {
    expect(verifierOf(servers(count)).containsQuorum(new Set(ids))).toBe(expected);
  });

  it('observers and strangers do not count', () => {
    const verifier = verifierOf(`${servers(3)}\nserver.4=h4:2888:3888:observer`);
    expect(verifier.voters).toEqual([1, 2, 3]);
    expect(verifier.containsQuorum(new Set([1, 4, 99]))).toBe(false);
  });
});

/** Three datacentres; the third one's last server has no say. */
const HIERARCHY = `${servers(7)}
group.1=1:2:3
group.2=4:5
group.3=6:7
weight.7=0`;

describe('a hierarchical quorum', () => {
  it.each([
    ['majorities in two groups', [1, 2, 4, 5], true],
    ['one whole group', [1, 2, 3], false],
    ['half of a group is no majority of it', [1, 2, 4], false],
    ['a server without weight', [1, 2, 7], false],
    ['the only one with weight in its group', [1, 3, 6], true],
  ])('%s: %j: %s', (_, ids, expected) => {
    expect(verifierOf(HIERARCHY).containsQuorum(new Set(ids))).toBe(expected);
  });

  it('a group without any weight is not waited for', () => {
    const verifier = verifierOf(`${servers(3)}\ngroup.1=1\ngroup.2=2\ngroup.3=3\nweight.2=0\nweight.3=0`);
    expect(verifier.containsQuorum(new Set([1]))).toBe(true);
    expect(verifier.weightOf(2)).toBe(0);
  });
});

/** The slow, obvious way: try every set of voters. */
function reachedBySomeQuorum(verifier: QuorumVerifier, reached: readonly number[]): number {
  let best = -Infinity;
  for (let mask = 0; mask < 1 << verifier.voters.length; mask++) {
    const chosen = verifier.voters.filter((_, at) => mask & (1 << at));
    if (!verifier.containsQuorum(new Set(chosen))) continue;
    best = Math.max(best, Math.min(...chosen.map((id) => reached[verifier.voters.indexOf(id)]!)));
  }
  return best;
}

describe('what a quorum has reached', () => {
  it.each([
    ['3 voters', servers(3)],
    ['4 voters', servers(4)],
    ['5 voters', servers(5)],
    ['a hierarchy', HIERARCHY],
  ])('of %s is what trying every set gives', (_, text) => {
    const verifier = verifierOf(text);
    const count = verifier.voters.length;
    fc.assert(
      fc.property(fc.array(fc.nat(6), { minLength: count, maxLength: count }), (reached) => {
        expect(verifier.reachedByQuorum(reached)).toBe(reachedBySomeQuorum(verifier, reached));
      }),
    );
  });

  it.each([servers(3), servers(4), HIERARCHY])('any two quorums share a server', (text) => {
    const verifier = verifierOf(text);
    fc.assert(
      fc.property(fc.subarray([...verifier.voters]), (chosen) => {
        const others = verifier.voters.filter((id) => !chosen.includes(id));
        const both = verifier.containsQuorum(new Set(chosen)) && verifier.containsQuorum(new Set(others));
        expect(both).toBe(false);
      }),
    );
  });
});
