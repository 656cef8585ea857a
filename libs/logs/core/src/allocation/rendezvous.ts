/**
 * Global allocation by rendezvous hashing (Thaler and Ravishankar, 1998) with bounded loads (Mirrokni, Thorup and
 * Zadimoghaddam, 2018): each source ranks the collectors by a hash of both names and takes the first that has room.
 * Nobody needs to know who has what, and a collector more or less moves about 1/(N+1) of the sources.
 */
import { type Allocation, type AllocationRequest, byName } from './model.js';

/** A collector takes at most so many times the mean; without a bound a small cluster is badly uneven. */
const BOUND = 1.2;

/** FNV-1a with a finalizer, since neighbouring names differ in their last bits only. 32 bits. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export function allocateByRendezvous({ sources, collectors }: AllocationRequest): Allocation {
  const mean = sources.length / collectors.length;
  const room = Math.max(Math.ceil(mean), Math.floor(mean * BOUND));
  const taken = new Map(collectors.map((collector) => [collector, 0]));
  const allocation = new Map<string, string>();
  // Whoever comes first has the first choice: an order that does not depend on who is there.
  const order = sources.map(({ name }) => name).sort((a, b) => hashOf(a) - hashOf(b) || byName(a, b));
  for (const source of order) {
    let best = '';
    let bestScore = -1;
    for (const [collector, count] of taken) {
      if (count >= room) continue;
      const score = hashOf(`${source}@${collector}`);
      if (score > bestScore || (score === bestScore && byName(collector, best) < 0))
        [best, bestScore] = [collector, score];
    }
    allocation.set(source, best);
    taken.set(best, (taken.get(best) ?? 0) + 1);
  }
  return allocation;
}
