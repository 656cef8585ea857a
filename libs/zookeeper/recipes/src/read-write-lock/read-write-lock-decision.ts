/**
 * Shared and exclusive grants in one line. Pure.
 *
 * A reader waits for the last *writer* before it, whatever readers stand between; a writer waits for whoever is directly
 * before it. (Notes exist that say a reader waits for earlier readers, or for the next *larger* node: both are wrong.)
 */
import type { LineDecision } from '../support/contention.js';
import { isOfKind } from '../support/names.js';
import { contendersInOrder, type Contender } from '../support/sequence.js';

export const READ_KIND = 'read';
export const WRITE_KIND = 'write';

const isWriter = (name: string) => isOfKind(name, WRITE_KIND);
const belongs = (name: string) => isWriter(name) || isOfKind(name, READ_KIND);

interface Place {
  readonly before: readonly Contender[];
  readonly last: Contender | undefined;
}

/** Those before us that exclude us: writers for a reader, everybody for a writer. `null`: we are not in the line. */
function whoIsInTheWay(children: readonly string[], own: string): Place | null {
  const line = contendersInOrder(children, belongs);
  const place = line.findIndex((one) => one.name === own);
  if (place === -1) return null;
  const before = line.slice(0, place).filter((one) => isWriter(own) || isWriter(one.name));
  return { before, last: before.at(-1) };
}

export function decideReadWriteLock(children: readonly string[], own: string): LineDecision {
  const place = whoIsInTheWay(children, own);
  if (!place) return { kind: 'gone' };
  // After a wake the line is read again: an earlier writer may still be there when the last one crashed.
  return place.last ? { kind: 'wait', on: [place.last.name] } : { kind: 'held' };
}

/** The same rule, everybody waiting for any change. Kept to be compared with. */
export function decideReadWriteLockAsHerd(children: readonly string[], own: string): LineDecision {
  const place = whoIsInTheWay(children, own);
  if (!place) return { kind: 'gone' };
  return place.last ? { kind: 'wait-for-any' } : { kind: 'held' };
}
