import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { POLICIES } from '../layout/payloads.js';
import { allocate } from './allocate.js';
import { type Allocation, countMoves, imbalance, type WeighedSource } from './model.js';

const names = (prefix: string, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(index + 1).padStart(3, '0')}`);
const even = (count: number): WeighedSource[] => names('web', count).map((name) => ({ name, weight: 1 }));

function loads(allocation: Allocation, sources: readonly WeighedSource[], collectors: readonly string[]): number[] {
  return collectors.map((collector) =>
    sources.reduce((sum, { name, weight }) => sum + (allocation.get(name) === collector ? weight : 0), 0),
  );
}

/** Start with N, then one more: what moves? */
function scaleOut(policy: (typeof POLICIES)[number], sourceCount: number, n: number) {
  const sources = even(sourceCount);
  const before = allocate(policy, { sources, collectors: names('c', n), owners: new Map() });
  const after = allocate(policy, { sources, collectors: names('c', n + 1), owners: before });
  return { before, after, moves: countMoves(before, after), loads: loads(after, sources, names('c', n + 1)) };
}

describe('racks', () => {
  const racks = new Map([
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
    ['b2', 'b'],
  ]);
  const collectors = [...racks.keys()];
  const inRacks = (a: number, b: number): WeighedSource[] => [
    ...names('left', a).map((name) => ({ name, weight: 1, rack: 'a' })),
    ...names('right', b).map((name) => ({ name, weight: 1, rack: 'b' })),
  ];
  const abroad = (sources: readonly WeighedSource[], allocation: ReadonlyMap<string, string>): number =>
    sources.filter(({ name, rack }) => racks.get(allocation.get(name) ?? '') !== rack).length;
  const locally = (sources: WeighedSource[], owners: ReadonlyMap<string, string>, of = collectors) =>
    allocate('local', { sources, collectors: of, owners, racks });

  it('keep their sources as long as that is even', () => {
    const sources = inRacks(10, 10);
    const allocation = locally(sources, new Map());
    expect(abroad(sources, allocation)).toBe(0);
    expect(imbalance(loads(allocation, sources, collectors))).toBe(1);
  });

  it('give some away rather than being overloaded', () => {
    const sources = inRacks(18, 2);
    const allocation = locally(sources, new Map());
    expect(abroad(sources, allocation)).toBeGreaterThan(0);
    expect(imbalance(loads(allocation, sources, collectors))).toBeLessThanOrEqual(1.4);
  });

  it('get their own back first when a collector returns', () => {
    const sources = inRacks(10, 10);
    const without = locally(sources, new Map(), ['a1', 'a2', 'b1']);
    const strangers = abroad(sources, without);
    expect(strangers).toBeGreaterThan(0);
    const back = locally(sources, without);
    expect(abroad(sources, back)).toBeLessThan(strangers);
    expect([...back].filter(([name, owner]) => owner === 'b2' && name.startsWith('left'))).toEqual([]);
  });
});

describe('every policy', () => {
  it('gives each source to exactly one of the living, whoever had it before', () => {
    const request = fc.record({
      weights: fc.array(fc.double({ min: 0.1, max: 50, noNaN: true }), { maxLength: 60 }),
      collectors: fc.integer({ min: 1, max: 12 }),
      owners: fc.array(fc.integer({ min: 0, max: 15 }), { maxLength: 60 }),
    });
    fc.assert(
      fc.property(request, fc.constantFrom(...POLICIES), ({ weights, collectors, owners }, policy) => {
        const sources = weights.map((weight, index) => ({ name: `s${index}`, weight }));
        const alive = names('c', collectors);
        const had = new Map(owners.map((owner, index) => [`s${index}`, names('c', 16)[owner] as string]));
        const allocation = allocate(policy, { sources, collectors: alive, owners: had });
        expect([...allocation.keys()].sort()).toEqual(sources.map(({ name }) => name).sort());
        for (const owner of allocation.values()) expect(alive).toContain(owner);
      }),
    );
  });

  it('says the same for the same question, in whatever order it is put', () => {
    const sources = even(40);
    const collectors = names('c', 7);
    for (const policy of POLICIES) {
      const one = allocate(policy, { sources, collectors, owners: new Map() });
      const other = allocate(policy, {
        sources: [...sources].reverse(),
        collectors: [...collectors].reverse(),
        owners: new Map(),
      });
      expect(new Map([...other].sort())).toEqual(new Map([...one].sort()));
    }
  });

  it('says nothing when there is nobody', () => {
    for (const policy of POLICIES) {
      expect(allocate(policy, { sources: even(3), collectors: [], owners: new Map() }).size).toBe(0);
    }
  });
});

describe('one collector more, 50 sources, 10 becoming 11', () => {
  it('modulo moves nearly everything and is even', () => {
    const { moves, loads: after } = scaleOut('modulo', 50, 10);
    expect(moves).toBeGreaterThan(35);
    expect(Math.max(...after) - Math.min(...after)).toBeLessThanOrEqual(1);
  });

  it('rendezvous hashing moves a fifth at most, and stays within 1.2 of the mean where whole numbers allow', () => {
    const { moves, loads: after } = scaleOut('rendezvous', 550, 10);
    expect(moves).toBeLessThanOrEqual(110);
    expect(imbalance(after)).toBeLessThanOrEqual(1.2);
  });

  it('local moves at most ceil(S / (N + 1)), only to the newcomer', () => {
    for (const [sources, n] of [
      [50, 10],
      [7, 3],
      [100, 4],
      [3, 2],
      [10_000, 99],
    ] as const) {
      const { before, after, moves, loads: end } = scaleOut('local', sources, n);
      expect(moves).toBeLessThanOrEqual(Math.ceil(sources / (n + 1)));
      const newcomer = names('c', n + 1).at(-1);
      for (const [source, owner] of after) if (before.get(source) !== owner) expect(owner).toBe(newcomer);
      if (sources >= n + 1) expect(end.at(-1)).toBeGreaterThan(0);
    }
  });
});

describe('local allocation', () => {
  it('gives what a dead collector had to those with the lowest load', () => {
    const sources = [...even(9), { name: 'hot', weight: 8 }];
    const owners = new Map([
      ['hot', 'a'],
      ...names('web', 3).map((name) => [name, 'b'] as const),
      ...names('web', 9)
        .slice(3)
        .map((name) => [name, 'dead'] as const),
    ]);
    const after = allocate('local', { sources, collectors: ['a', 'b'], owners });
    expect(names('web', 9).filter((name) => after.get(name) === 'a')).toHaveLength(1);
    expect(after.get('hot')).toBe('a');
  });

  it('moves nothing for a small imbalance', () => {
    const sources = even(21);
    const owners = new Map(sources.map(({ name }, index) => [name, index < 11 ? 'a' : 'b']));
    const after = allocate('local', { sources, collectors: ['a', 'b'], owners });
    expect(countMoves(owners, after)).toBe(0);
  });

  it('does not swing: what it has mended it leaves alone', () => {
    const weights = fc.array(fc.double({ min: 1, max: 30, noNaN: true }), { minLength: 4, maxLength: 40 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 2, max: 6 }), (list, n) => {
        const sources = list.map((weight, index) => ({ name: `s${index}`, weight }));
        const collectors = names('c', n);
        let owners: ReadonlyMap<string, string> = allocate('modulo', { sources, collectors, owners: new Map() });
        let moves = -1;
        for (let pass = 0; pass < 100 && moves !== 0; pass++) {
          const next = allocate('local', { sources, collectors, owners });
          moves = countMoves(owners, next);
          owners = next;
        }
        expect(moves).toBe(0);
      }),
    );
  });

  it('a source hotter than all others together is not passed around', () => {
    const sources = [...even(6), { name: 'hot', weight: 100 }];
    const owners = new Map([['hot', 'a'], ...names('web', 6).map((name) => [name, 'b'] as const)]);
    expect(countMoves(owners, allocate('local', { sources, collectors: ['a', 'b'], owners }))).toBe(0);
  });

  it('does not move again for balance what was moved a moment ago; a newcomer gets its share all the same', () => {
    const sources = even(12);
    const resting = new Set(sources.map(({ name }) => name));
    const owners = new Map(sources.map(({ name }, index) => [name, index === 0 ? 'b' : 'a']));
    const collectors = ['a', 'b'];
    expect(countMoves(owners, allocate('local', { sources, collectors, owners, resting }))).toBe(0);
    expect(countMoves(owners, allocate('local', { sources, collectors, owners }))).toBeGreaterThan(0);
    const after = allocate('local', { sources, collectors: [...collectors, 'c'], owners, resting });
    expect(countMoves(owners, after)).toBe(4);
  });
});

describe('1,000 collectors and 10,000 sources', () => {
  it('are allocated evenly by each policy, and local survives a hundred joins and deaths within 1.4', () => {
    const sources = even(10_000);
    const collectors = names('c', 1_000);
    for (const policy of ['modulo', 'rendezvous'] as const) {
      const allocation = allocate(policy, { sources, collectors, owners: new Map() });
      expect(imbalance(loads2(allocation, collectors))).toBeLessThanOrEqual(1.2);
    }
    let alive = collectors;
    let owners: ReadonlyMap<string, string> = allocate('local', { sources, collectors, owners: new Map() });
    for (let change = 0; change < 100; change++) {
      alive =
        change % 2 === 0
          ? alive.filter((_, index) => index !== (change * 37) % alive.length)
          : [...alive, `new-${change}`];
      const orphans = [...owners.values()].filter((owner) => !alive.includes(owner)).length;
      const after = allocate('local', { sources, collectors: alive, owners });
      expect(countMoves(owners, after)).toBeLessThanOrEqual(orphans + Math.ceil(10_000 / alive.length) + 4);
      owners = after;
    }
    expect(imbalance(loads2(owners, alive))).toBeLessThanOrEqual(1.4);
  });
});

function loads2(allocation: Allocation, collectors: readonly string[]): number[] {
  const counts = new Map(collectors.map((one) => [one, 0]));
  for (const owner of allocation.values()) counts.set(owner, (counts.get(owner) ?? 0) + 1);
  return [...counts.values()];
}
