/** Who holds an exclusive lock, and whom the others wait for. Pure: from a list of names to a decision. */
import { compareSequences, contendersInOrder, sequenceOf } from '../support/sequence.js';
import { isOfKind } from '../support/names.js';
import type { LineDecision } from '../support/contention.js';

export const LOCK_KIND = 'lock';
const belongs = (name: string) => isOfKind(name, LOCK_KIND);

/** The first in line holds; everybody else waits for the one directly before, so that one release wakes one waiter. */
export function decideLock(children: readonly string[], own: string): LineDecision {
  const line = contendersInOrder(children, belongs);
  const place = line.findIndex((one) => one.name === own);
  if (place === -1) return { kind: 'gone' };
  const before = line[place - 1];
  return before ? { kind: 'wait', on: [before.name] } : { kind: 'held' };
}

/** The same order, but everybody waits for any change: N waiters cost N(N-1)/2 notifications. Kept to be compared with. */
export function decideLockAsHerd(children: readonly string[], own: string): LineDecision {
  const ownSequence = children.includes(own) ? sequenceOf(own) : null;
  if (ownSequence === null || !belongs(own)) return { kind: 'gone' };
  const isBefore = (name: string) => belongs(name) && compareSequences(sequenceOf(name) ?? 0, ownSequence) < 0;
  return children.some(isBefore) ? { kind: 'wait-for-any' } : { kind: 'held' };
}
