/** Moving a partition to other brokers, step by step, so that it can be taken up again after any of them (KIP-455). */
import type { ReplicaAssignment } from '../znodes/topic-node.js';

const without = (from: readonly number[], these: readonly number[]) => from.filter((id) => !these.includes(id));
const sameMembers = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((id) => b.includes(id));

/** Where the partition is when all is done. */
export const targetOf = ({ replicas, removing }: ReplicaAssignment): readonly number[] => without(replicas, removing);
/** Where it was before. */
export const originOf = ({ replicas, adding }: ReplicaAssignment): readonly number[] => without(replicas, adding);
export const isReassigning = ({ adding, removing }: ReplicaAssignment): boolean =>
  adding.length > 0 || removing.length > 0;

/** The first step: old and new replicas together, new ones in front so that their head is preferred. */
export function beginReassignment(current: ReplicaAssignment, target: readonly number[]): ReplicaAssignment {
  // A reassignment that replaces one under way starts from where that one started.
  const origin = originOf(current);
  return {
    replicas: [...target, ...without(origin, target)],
    adding: without(target, origin),
    removing: without(origin, target),
  };
}

/** As it was; the replicas added so far are in the way and go. */
export const cancelReassignment = (current: ReplicaAssignment): ReplicaAssignment => ({
  replicas: originOf(current),
  adding: [],
  removing: [],
});

/** The last step: the new replicas only. */
export const completeReassignment = (current: ReplicaAssignment): ReplicaAssignment => ({
  replicas: targetOf(current),
  adding: [],
  removing: [],
});

/** Every new replica has caught up. */
export const canComplete = (current: ReplicaAssignment, isr: readonly number[]): boolean =>
  targetOf(current).every((id) => isr.includes(id));

export const isSameAssignment = (current: ReplicaAssignment, target: readonly number[]): boolean =>
  !isReassigning(current) && sameMembers(current.replicas, target) && current.replicas[0] === target[0];
