import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type GroupView, shareOf, viewKey } from './group-view.js';
import { assignRange } from './range.js';
import { assignRoundRobin } from './round-robin.js';

const view = (members: Record<string, Record<string, number>>, topics: Record<string, number>): GroupView => ({
  members: new Map(Object.entries(members).map(([id, topics]) => [id, new Map(Object.entries(topics))])),
  partitions: new Map(
    Object.entries(topics).map(([topic, count]) => [topic, Array.from({ length: count }, (_, index) => index)]),
  ),
});
const short = (assignment: ReturnType<typeof assignRange>) =>
  Object.fromEntries(
    [...assignment].map(([thread, owned]) => [thread, owned.map(({ topic, partition }) => `${topic}${partition}`)]),
  );

describe('range', () => {
  it('gives each thread neighbours, and the first ones one more (n%m)', () => {
    expect(short(assignRange(view({ a: { t: 1 }, b: { t: 1 } }, { t: 5 })))).toEqual({
      'a-0': ['t0', 't1', 't2'],
      'b-0': ['t3', 't4'],
    });
  });

  it('leaves threads idle when there are more of them than partitions', () => {
    expect(short(assignRange(view({ a: { t: 2 }, b: { t: 1 } }, { t: 2 })))).toEqual({
      'a-0': ['t0'],
      'a-1': ['t1'],
      'b-0': [],
    });
  });

  it('divides each topic among those who read it', () => {
    expect(short(assignRange(view({ a: { t: 1 }, b: { t: 1, u: 1 } }, { t: 2, u: 2 })))).toEqual({
      'a-0': ['t0'],
      'b-0': ['t1', 'u0', 'u1'],
    });
  });
});

describe('round-robin', () => {
  it('deals by the hash of [topic,partition]', () => {
    // Java: "[t,0]".hashCode() and its neighbours ascend with the partition while it has one digit.
    expect(short(assignRoundRobin(view({ a: { t: 1 }, b: { t: 1 } }, { t: 4 })))).toEqual({
      'a-0': ['t0', 't2'],
      'b-0': ['t1', 't3'],
    });
  });

  it('refuses members with different subscriptions', () => {
    expect(() => assignRoundRobin(view({ a: { t: 1 }, b: { u: 1 } }, { t: 1, u: 1 }))).toThrow('one subscription');
    expect(() => assignRoundRobin(view({ a: { t: 1, u: 2 } }, { t: 1, u: 1 }))).toThrow('as many streams');
  });
});

const groups = fc
  .record({
    members: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 8 }),
    streams: fc.integer({ min: 1, max: 3 }),
    topics: fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), fc.integer({ min: 1, max: 20 }), {
      minKeys: 1,
      maxKeys: 4,
    }),
  })
  .map(({ members, streams, topics }) => ({
    streams,
    members,
    view: view(
      Object.fromEntries(
        members.map((id) => [id, Object.fromEntries(Object.keys(topics).map((topic) => [topic, streams]))]),
      ),
      topics,
    ),
  }));

describe.each([
  ['range', assignRange],
  ['round-robin', assignRoundRobin],
])('%s, in any group', (_, assign) => {
  it('gives every partition to exactly one thread of a member', () => {
    fc.assert(
      fc.property(groups, ({ view: seen, members, streams }) => {
        const assignment = assign(seen);
        const all = members.flatMap((id) => shareOf(assignment, id, streams));
        const given = all.map(({ topic, partition }) => `${topic}/${partition}`).sort();
        const wanted = [...seen.partitions].flatMap(([topic, numbers]) => numbers.map((each) => `${topic}/${each}`));
        expect(given).toEqual(wanted.sort());
      }),
    );
  });

  it('depends on the view alone, not on its order', () => {
    fc.assert(
      fc.property(groups, ({ view: seen }) => {
        const turned = {
          members: new Map([...seen.members].reverse()),
          partitions: new Map([...seen.partitions].reverse()),
        };
        expect(viewKey(turned)).toBe(viewKey(seen));
        const sorted = (view: GroupView) =>
          [...assign(view)]
            .map(([thread, owned]) => [thread, owned.map((each) => `${each.topic}/${each.partition}`).sort()])
            .sort();
        expect(sorted(turned)).toEqual(sorted(seen));
      }),
    );
  });
});
