import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { assignmentOf, type LeaderIsr, NO_LEADER } from '../znodes/topic-node.js';
import { ControllerContext } from './controller-context.js';
import {
  electForOffline,
  electPreferredLeaders,
  finishReassignment,
  firstLeaders,
  imbalanced,
  type LeaderChange,
  onBrokersDied,
  onControlledShutdown,
} from './decisions.js';
import { placeReplicas } from './placement.js';
import { beginReassignment, cancelReassignment, canComplete, completeReassignment } from './reassignment.js';

const never = () => false;

/** A cluster of live brokers and one topic; leaderships as `[leader, isr]`, null for a new partition. */
function cluster(
  live: readonly number[],
  ...partitions: readonly (readonly [number[], (readonly [number, number[]])?])[]
) {
  const context = new ControllerContext(1, 7);
  for (const id of live) context.live.set(id, { id, endpoints: [], rack: null, epoch: BigInt(id) });
  context.setAssignment('t', new Map(partitions.map(([replicas], index) => [index, assignmentOf(replicas)])));
  partitions.forEach(([, led], index) => {
    const info = context.partition({ topic: 't', partition: index })!;
    if (led !== undefined) {
      info.leaderIsr = { leader: led[0], isr: led[1], leaderEpoch: 4, controllerEpoch: 6, zkVersion: 9 };
    }
  });
  return context;
}

const shown = (changes: readonly LeaderChange[]) =>
  changes.map(({ info, next, zkVersion }) => [info.partition, next.leader, next.isr, next.leaderEpoch, zkVersion]);

describe('what a controller decides', () => {
  it('a new partition is led by its first live replica, and all live ones are in sync', () => {
    const context = cluster([2, 3], [[1, 2, 3]], [[1]]);
    expect(shown(firstLeaders(context, context.partitions()))).toEqual([[0, 2, [2, 3], 0, null]]);
  });

  it('a dead leader is followed by the first live replica in sync; a dead follower leaves the ISR', () => {
    const context = cluster(
      [2, 3],
      [
        [1, 2, 3],
        [1, [1, 3]],
      ],
      [
        [2, 1, 3],
        [2, [1, 2]],
      ],
      [
        [2, 3],
        [2, [2, 3]],
      ],
    );
    expect(shown(onBrokersDied(context, new Set([1]), never))).toEqual([
      [0, 3, [3], 5, 9],
      [1, 2, [2], 5, 9],
    ]);
  });

  it('without anybody in sync there is no leader, and the ISR remembers who has everything', () => {
    const context = cluster(
      [2],
      [
        [1, 2],
        [1, [1]],
      ],
    );
    expect(shown(onBrokersDied(context, new Set([1]), never))).toEqual([[0, NO_LEADER, [1], 5, 9]]);
    expect(shown(onBrokersDied(context, new Set([1]), () => true))).toEqual([[0, 2, [2], 5, 9]]);
  });

  it('an offline partition waits for its ISR to come back', () => {
    const context = cluster(
      [2],
      [
        [1, 2],
        [NO_LEADER, [1]],
      ],
    );
    expect(electForOffline(context, context.partitions(), never)).toEqual([]);
    context.live.set(1, { id: 1, endpoints: [], rack: null, epoch: 9n });
    expect(shown(electForOffline(context, context.partitions(), never))).toEqual([[0, 1, [1], 5, 9]]);
  });

  it('a topic being deleted gets no leaders any more', () => {
    const context = cluster(
      [2],
      [
        [1, 2],
        [1, [1, 2]],
      ],
    );
    context.deleting.add('t');
    expect(shown(onBrokersDied(context, new Set([1]), never))).toEqual([[0, NO_LEADER, [2], 5, 9]]);
  });

  it('a broker that shuts down hands over, but for what only it has', () => {
    const context = cluster(
      [1, 2, 3],
      [
        [1, 2],
        [1, [1, 2]],
      ],
      [[1], [1, [1]]],
      [
        [1, 2],
        [1, [1]],
      ],
      [
        [2, 1],
        [2, [2, 1]],
      ],
    );
    context.shuttingDown.add(1);
    expect(shown(onControlledShutdown(context, 1))).toEqual([
      [0, 2, [2], 5, 9],
      [3, 2, [2], 5, 9],
    ]);
  });

  it('the preferred leader leads again once it is alive and in sync', () => {
    const context = cluster(
      [1, 2],
      [
        [1, 2],
        [2, [1, 2]],
      ],
      [
        [1, 2],
        [2, [2]],
      ],
      [
        [2, 1],
        [2, [2]],
      ],
    );
    expect(shown(electPreferredLeaders(context, context.partitions()))).toEqual([[0, 1, [1, 2], 5, 9]]);
    expect(imbalanced(context, 0.1).map(({ partition }) => partition)).toEqual([0, 1]);
    expect(imbalanced(context, 1)).toEqual([]);
  });

  it('a reassignment: old and new together, then the new ones only, with one of them leading', () => {
    const context = cluster(
      [1, 2, 3],
      [
        [1, 2],
        [1, [1, 2]],
      ],
    );
    const info = context.partition({ topic: 't', partition: 0 })!;
    info.assignment = beginReassignment(info.assignment, [3, 2]);
    expect(info.assignment).toEqual({ replicas: [3, 2, 1], adding: [3], removing: [1] });
    expect(canComplete(info.assignment, [1, 2])).toBe(false);
    expect(canComplete(info.assignment, [1, 2, 3])).toBe(true);
    info.leaderIsr = { ...(info.leaderIsr as LeaderIsr), isr: [1, 2, 3], zkVersion: 11 };
    expect(shown([finishReassignment(context, info)!])).toEqual([[0, 3, [2, 3], 5, 11]]);
    expect(completeReassignment(info.assignment)).toEqual(assignmentOf([3, 2]));
    expect(cancelReassignment(info.assignment).replicas).toEqual([2, 1]);
  });

  it('a second order starts from where the first one started', () => {
    const first = beginReassignment(assignmentOf([1, 2]), [3, 4]);
    expect(beginReassignment(first, [5, 2])).toEqual({ replicas: [5, 2, 1], adding: [5], removing: [1] });
  });
});

describe('placement', () => {
  it('spreads leaders and followers as Kafka does', () => {
    const brokers = [0, 1, 2, 3, 4].map((id) => ({ id, rack: null }));
    const placed = placeReplicas({ brokers, partitions: 10, replicationFactor: 3, startIndex: 0, startShift: 0 });
    // The table in the comment of AdminUtils.
    expect([...placed.values()]).toEqual([
      [0, 1, 2],
      [1, 2, 3],
      [2, 3, 4],
      [3, 4, 0],
      [4, 0, 1],
      [0, 2, 3],
      [1, 3, 4],
      [2, 4, 0],
      [3, 0, 1],
      [4, 1, 2],
    ]);
  });

  it('never a broker twice, leaders within one of each other, racks apart while there are enough', () => {
    const sizes = fc.record({
      count: fc.integer({ min: 1, max: 9 }),
      racks: fc.integer({ min: 0, max: 4 }),
      partitions: fc.integer({ min: 1, max: 40 }),
      factor: fc.integer({ min: 1, max: 9 }),
      start: fc.nat(100),
      shift: fc.nat(100),
    });
    fc.assert(
      fc.property(sizes, ({ count, racks, partitions, factor, start, shift }) => {
        const replicationFactor = Math.min(factor, count);
        const brokers = Array.from({ length: count }, (_, id) => ({ id, rack: racks === 0 ? null : `r${id % racks}` }));
        const placed = placeReplicas({
          brokers,
          partitions,
          replicationFactor,
          startIndex: start % count,
          startShift: shift,
        });
        const leaders = new Array<number>(count).fill(0);
        for (const replicas of placed.values()) {
          expect(new Set(replicas).size).toBe(replicationFactor);
          leaders[replicas[0]!]!++;
          if (racks > 0) {
            const used = new Set(replicas.map((id) => id % racks));
            expect(used.size).toBe(Math.min(replicationFactor, racks, count));
          }
        }
        expect(Math.max(...leaders) - Math.min(...leaders)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([
    [0, 1],
    [1, 4],
    [1, 0],
  ])('%i partitions with %i replicas on 3 brokers are refused', (partitions, replicationFactor) => {
    const brokers = [0, 1, 2].map((id) => ({ id, rack: null }));
    expect(() => placeReplicas({ brokers, partitions, replicationFactor, startIndex: 0, startShift: 0 })).toThrow();
  });
});
