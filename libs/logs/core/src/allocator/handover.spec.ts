import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Assignment } from '../layout/payloads.js';
import { type ListState, planHandover } from './handover.js';

const list = (gen: number, sources: string[], revoking: string[] = []): Assignment => ({
  gen,
  sources,
  revoking,
  draining: false,
});
const alive = (assignment: Assignment, ackedGen = assignment.gen): ListState => ({
  list: assignment,
  ackedGen,
  dead: false,
});

describe('hand-over', () => {
  it('asks a living owner first, assigns when it has stopped', () => {
    let lists = new Map([
      ['a', alive(list(3, ['x', 'y']))],
      ['b', alive(list(3, []))],
    ]);
    const desired = new Map([
      ['x', 'a'],
      ['y', 'b'],
    ]);
    const first = planHandover(lists, desired);
    expect(Object.fromEntries(first.lists)).toEqual({ a: list(4, ['x'], ['y']) });

    lists = new Map([
      ['a', alive(list(4, ['x'], ['y']), 3)],
      ['b', alive(list(3, []))],
    ]);
    expect(planHandover(lists, desired).lists.size).toBe(0);

    lists.set('a', alive(list(4, ['x'], ['y']), 4));
    expect(Object.fromEntries(planHandover(lists, desired).lists)).toEqual({
      a: list(5, ['x']),
      b: list(5, ['y']),
    });
  });

  it('takes from the dead at once, under a larger gen', () => {
    const lists = new Map<string, ListState>([
      ['a', { list: list(7, ['x', 'y'], ['z']), ackedGen: 5, dead: true }],
      ['b', alive(list(2, []))],
    ]);
    const plan = planHandover(
      lists,
      new Map([
        ['x', 'b'],
        ['y', 'b'],
        ['z', 'b'],
      ]),
    );
    expect(Object.fromEntries(plan.lists)).toEqual({ a: list(8, []), b: list(8, ['x', 'y', 'z']) });
  });

  it('a change of mind before the owner has stopped gives it back without a gap', () => {
    const lists = new Map([
      ['a', alive(list(4, [], ['y']), 3)],
      ['b', alive(list(3, []))],
    ]);
    expect(Object.fromEntries(planHandover(lists, new Map([['y', 'a']])).lists)).toEqual({ a: list(5, ['y']) });
  });

  it('a source that is gone leaves all lists', () => {
    const lists = new Map([['a', alive(list(4, ['x']))]]);
    expect(Object.fromEntries(planHandover(lists, new Map()).lists)).toEqual({ a: list(5, [], ['x']) });
  });

  it('a source on two lists goes to the later', () => {
    const lists = new Map([
      ['a', alive(list(4, ['x']))],
      ['b', alive(list(6, ['x']))],
    ]);
    expect(Object.fromEntries(planHandover(lists, new Map([['x', 'b']])).lists)).toEqual({ a: list(7, []) });
  });

  it('never has two living readers of one source, whatever is wanted and whoever dies when', () => {
    const names = ['s0', 's1', 's2', 's3', 's4'];
    const ids = ['a', 'b', 'c'];
    const step = fc.record({
      wanted: fc.array(fc.constantFrom(...ids, 'nobody'), { minLength: 5, maxLength: 5 }),
      acks: fc.subarray(ids),
      dead: fc.subarray(ids, { maxLength: 2 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const lists = new Map<string, Assignment>(ids.map((id) => [id, list(0, [])]));
        /** What each collector's process really reads: it knows its list only when it has looked. */
        const reading = new Map<string, ReadonlySet<string>>(ids.map((id) => [id, new Set()]));
        const acked = new Map<string, number>(ids.map((id) => [id, 0]));
        for (const { wanted, acks, dead } of steps) {
          const desired = new Map(names.map((name, at) => [name, wanted[at] as string]));
          const states = new Map(
            ids.map((id) => [
              id,
              { list: lists.get(id) as Assignment, ackedGen: acked.get(id) ?? 0, dead: dead.includes(id) },
            ]),
          );
          for (const id of dead) reading.set(id, new Set());
          for (const [id, assignment] of planHandover(states, desired).lists) {
            expect(assignment.gen).toBeGreaterThan(Math.max(...[...states.values()].map((state) => state.list.gen)));
            lists.set(id, assignment);
          }
          for (const id of acks) {
            if (dead.includes(id)) continue;
            reading.set(id, new Set(lists.get(id)?.sources));
            acked.set(id, lists.get(id)?.gen ?? 0);
          }
          for (const name of names) {
            const readers = ids.filter((id) => reading.get(id)?.has(name) === true);
            expect(readers.length).toBeLessThanOrEqual(1);
          }
        }
      }),
    );
  });
});
