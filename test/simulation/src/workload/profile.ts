/** What the clients of one life mostly do. */
import type { Random } from '../engine/random.js';

export const operations = [
  'create',
  'set',
  'compareAndSet',
  'delete',
  'read',
  'watch',
  'watchExistence',
  'watchChildren',
  'syncedRead',
  'sequence',
  'ephemeral',
  'dropEphemeral',
  'multi',
  'lock',
  'closeSession',
  'vanish',
] as const;

export type Operation = (typeof operations)[number];

/** How often each is done, relative to the others. */
const USUAL: Readonly<Record<Operation, number>> = {
  create: 6,
  set: 18,
  compareAndSet: 5,
  delete: 4,
  read: 14,
  watch: 8,
  watchExistence: 3,
  watchChildren: 5,
  syncedRead: 10,
  sequence: 6,
  ephemeral: 6,
  dropEphemeral: 2,
  multi: 5,
  lock: 4,
  closeSession: 0.3,
  vanish: 0.2,
};

export interface Profile {
  readonly pick: (random: Random) => Operation;
  readonly clients: number;
  readonly keys: number;
  /** Between two operations of one client. */
  readonly meanPauseMs: number;
  readonly maxOutstanding: number;
  readonly sessionTimeoutMs: number;
}

export function pickProfile(random: Random): Profile {
  const weights = operations.map((operation) => USUAL[operation] * random.pick([0.3, 1, 1, 3]));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return {
    pick: (from) => {
      let dice = from.next() * total;
      const at = weights.findIndex((weight) => (dice -= weight) < 0);
      return operations[at < 0 ? 0 : at]!;
    },
    clients: random.integer(2, 5),
    keys: random.integer(1, 6),
    meanPauseMs: random.pick([4, 8, 16]),
    maxOutstanding: random.pick([2, 8, 24]),
    sessionTimeoutMs: random.pick([800, 2000, 4000]),
  };
}
