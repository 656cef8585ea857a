import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Membership, parseQuorumConfigText } from '../../quorum/index.js';
import { EpochAgreement, type StateSummary } from './epoch-agreement.js';

const membership = new Membership(
  1,
  parseQuorumConfigText([1, 2, 3, 4, 5].map((id) => `server.${id}=h${id}:2888:3888`).join('\n')),
  null,
);
const OURS: StateSummary = { currentEpoch: 4, lastZxid: 0x4_0000_0011n };
const agreementOf = (self: number) => new EpochAgreement(self, membership, OURS);

describe('an epoch', () => {
  it('is one more than any that a quorum with the leader has promised', () => {
    const agreement = agreementOf(1);
    agreement.join(2, 9);
    agreement.join(3, 4);
    agreement.join(4, 4);
    expect(agreement.newEpoch).toBeNull();
    agreement.join(1, 5);
    expect(agreement.newEpoch).toBe(10);
  });

  it('does not change when others come later', () => {
    const agreement = agreementOf(1);
    for (const server of [1, 2, 3]) agreement.join(server, 4);
    agreement.join(4, 99);
    expect(agreement.newEpoch).toBe(5);
  });

  it('is not agreed upon without the leader itself', () => {
    const agreement = agreementOf(1);
    for (const server of [1, 2, 3]) agreement.join(server, 4);
    for (const server of [2, 3, 4]) agreement.acknowledge(server, OURS);
    expect(agreement.isAgreed).toBe(false);
    agreement.acknowledge(1, OURS);
    expect(agreement.isAgreed).toBe(true);
  });

  it('promised to somebody before does not count again', () => {
    const agreement = agreementOf(1);
    for (const server of [1, 2, 3]) agreement.join(server, 4);
    agreement.acknowledge(1, OURS);
    agreement.acknowledge(2, OURS);
    agreement.acknowledge(3, { ...OURS, currentEpoch: -1 });
    expect(agreement.isAgreed).toBe(false);
  });

  it.each([
    ['a later epoch', { currentEpoch: 5, lastZxid: 0n }, false],
    ['more of the same epoch', { currentEpoch: 4, lastZxid: 0x4_0000_0012n }, false],
    ['as much', OURS, true],
    ['a longer log of an earlier epoch', { currentEpoch: 3, lastZxid: 0x4_0000_0012n }, true],
  ])('is refused to a leader by a server that has %s', (_, theirs, isFollowed) => {
    const agreement = agreementOf(1);
    for (const server of [1, 2, 3]) agreement.join(server, 4);
    expect(agreement.acknowledge(2, theirs)).toBe(isFollowed);
  });

  it('is agreed upon in whatever order servers join and promise (ZOOKEEPER-1270)', () => {
    const order = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 3 });
    fc.assert(
      fc.property(order, order, (joining, promising) => {
        const agreement = agreementOf(1);
        joining.forEach((server) => agreement.join(server, server));
        expect(agreement.newEpoch !== null).toBe(joining.includes(1));
        if (agreement.newEpoch === null) return;
        promising.forEach((server) => agreement.acknowledge(server, OURS));
        expect(agreement.isAgreed).toBe(promising.includes(1));
      }),
    );
  });
});
