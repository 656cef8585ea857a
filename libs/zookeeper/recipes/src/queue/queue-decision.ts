/** Which items of a queue may be taken now, and in which order. Pure: from names and the time to names. */
import { isOfKind } from '../support/names.js';
import { contendersInOrder, type Contender } from '../support/sequence.js';

export const ITEM_KIND = 'item';

export interface QueueLook {
  /** Names of the waiting items, in any order, strangers among them. */
  readonly items: readonly string[];
  /** Names that somebody works on. */
  readonly claimed: ReadonlySet<string>;
  /** Wall clock of the one who looks. */
  readonly nowMs: number;
}

export interface QueueDecision {
  /** To be tried in this order. */
  readonly take: readonly string[];
  /** When an item that waits for its time becomes due, in milliseconds from now; `null` when none does. */
  readonly dueInMs: number | null;
}

export type DecideQueue = (look: QueueLook) => QueueDecision;

const free = ({ items, claimed }: QueueLook): Contender[] =>
  contendersInOrder(items, (name) => isOfKind(name, ITEM_KIND)).filter(({ name }) => !claimed.has(name));

/** First in, first out. */
export const decideFifo: DecideQueue = (look) => ({ take: free(look).map(({ name }) => name), dueInMs: null });

/** Ten digits, so that a person who lists the directory sees the order too. */
export const MAX_PRIORITY = 9_999_999_999;
export const priorityKind = (priority: number): string => `p${String(priority).padStart(10, '0')}-${ITEM_KIND}`;
const priorityOf = (name: string): number => Number(/-p(\d{10})-item-/.exec(name)?.[1] ?? MAX_PRIORITY);

/** The smallest number first; among equals first in, first out. */
export const decidePriority: DecideQueue = (look) => {
  // The sort is stable: order of arrival stays where priorities are equal.
  const take = free(look).sort((a, b) => priorityOf(a.name) - priorityOf(b.name));
  return { take: take.map(({ name }) => name), dueInMs: null };
};

export const dueKind = (dueAtMs: number): string => `d${String(dueAtMs).padStart(15, '0')}-${ITEM_KIND}`;
const dueOf = (name: string): number => Number(/-d(\d{15})-item-/.exec(name)?.[1] ?? 0);

/** What is due, the longest overdue first. */
export const decideDelay: DecideQueue = (look) => {
  const all = free(look).sort((a, b) => dueOf(a.name) - dueOf(b.name));
  const due = all.filter(({ name }) => dueOf(name) <= look.nowMs);
  const next = all[due.length];
  return { take: due.map(({ name }) => name), dueInMs: next ? dueOf(next.name) - look.nowMs : null };
};
