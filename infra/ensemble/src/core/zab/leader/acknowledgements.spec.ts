import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createQuorumVerifier, parseQuorumConfigText } from '../../quorum/index.js';
import { Acknowledgements } from './acknowledgements.js';

const verifierOf = (...ids: number[]) =>
  createQuorumVerifier(parseQuorumConfigText(ids.map((id) => `server.${id}=h${id}:2888:3888`).join('\n')));

describe('what a quorum has acknowledged', () => {
  it('counts the voters and nobody else', () => {
    const acks = new Acknowledgements(verifierOf(1, 2, 3));
    acks.acknowledge(1, 5);
    acks.acknowledge(9, 5);
    expect(acks.committable).toBe(0);
    acks.acknowledge(3, 4);
    expect(acks.committable).toBe(4);
  });

  it('needs the old members alone before a change, and both from the change on', () => {
    const acks = new Acknowledgements(verifierOf(1, 2, 3));
    acks.beginChange(10, verifierOf(3, 4, 5));
    for (const server of [1, 2]) acks.acknowledge(server, 12);
    expect(acks.committable).toBe(9);
    acks.acknowledge(4, 11);
    expect(acks.committable).toBe(9);
    acks.acknowledge(5, 10);
    expect(acks.committable).toBe(10);
  });

  it('needs the new members alone once the change is over', () => {
    const acks = new Acknowledgements(verifierOf(1, 2, 3));
    acks.beginChange(10, verifierOf(3, 4, 5));
    for (const server of [1, 2, 4, 5]) acks.acknowledge(server, 10);
    acks.endChange();
    for (const server of [4, 5]) acks.acknowledge(server, 12);
    expect(acks.committable).toBe(12);
  });

  it('names of some servers the one that came furthest, and none that has not come far enough', () => {
    const acks = new Acknowledgements(verifierOf(1, 2, 3));
    acks.acknowledge(2, 10);
    acks.acknowledge(3, 12);
    expect(acks.furthest([1, 2, 3], 10)).toBe(3);
    expect(acks.furthest([1, 2], 10)).toBe(2);
    expect(acks.furthest([1], 10)).toBeNull();
  });

  it('never commits a change, or what is behind it, without a quorum of each', () => {
    const servers = [1, 2, 3, 4, 5];
    const members = fc.uniqueArray(fc.constantFrom(...servers), { minLength: 1 });
    const reached = fc.array(fc.integer({ min: 0, max: 20 }), { minLength: 5, maxLength: 5 });
    fc.assert(
      fc.property(members, members, reached, (before, after, counters) => {
        const acks = new Acknowledgements(verifierOf(...before));
        acks.beginChange(10, verifierOf(...after));
        servers.forEach((server, at) => acks.acknowledge(server, counters[at]!));
        const { committable } = acks;
        const have = new Set(servers.filter((_, at) => counters[at]! >= committable));
        expect(verifierOf(...before).containsQuorum(have)).toBe(true);
        if (committable >= 10) expect(verifierOf(...after).containsQuorum(have)).toBe(true);
      }),
    );
  });
});
