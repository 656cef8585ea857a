/** Who holds one of N leases. Pure. */
import type { LineDecision } from '../support/contention.js';
import { isOfKind } from '../support/names.js';
import { contendersInOrder } from '../support/sequence.js';

export const LEASE_KIND = 'lease';

/**
 * The first `limit` in line hold. Whoever waits must hear of *any* lease given back, since it is unknown which holder
 * leaves first: so one waits at a time, the others stand behind it in a lock (see `Semaphore`), and nobody is a herd.
 */
export function decideLease(limit: number): (children: readonly string[], own: string) => LineDecision {
  return (children, own) => {
    const line = contendersInOrder(children, (name) => isOfKind(name, LEASE_KIND));
    const place = line.findIndex((one) => one.name === own);
    if (place === -1) return { kind: 'gone' };
    return place < limit ? { kind: 'held' } : { kind: 'wait-for-any' };
  };
}
