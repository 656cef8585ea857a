/**
 * What the lists were, kept in the tree beside them: a base, and an entry for each change after it. An entry is written in
 * the transaction of its change, so the history is neither ahead nor behind.
 *
 *   /logs/allocator/history                the base: all lists at its moment
 *   /logs/allocator/history/h-0000000017   the lists that a change has left, and why
 */
import { z } from 'zod';
import { LogsError } from '../errors.js';
import { MAX_SOURCES } from '../layout/payloads.js';

/** Beyond `KEPT_ENTRIES + FOLD_ENTRIES` the oldest `FOLD_ENTRIES` become part of the base. */
export const KEPT_ENTRIES = 200;
export const FOLD_ENTRIES = 50;
const MAX_REASONS = 10;
const MAX_REASON_CHARS = 160;

/** Null: the collector was decommissioned. */
const lists = z.record(z.string().max(100), z.array(z.string().max(100)).max(MAX_SOURCES).nullable());

const entrySchema = z.object({
  /** The ensemble's clock, milliseconds. */
  at: z.int().min(0),
  /** The allocator. */
  by: z.string().max(100),
  gen: z.int().min(0),
  why: z.array(z.string().max(MAX_REASON_CHARS)).max(MAX_REASONS + 1),
  /** Only those that the change has touched; all of them in the base. */
  lists,
});
export type HistoryEntry = z.infer<typeof entrySchema>;

export const NO_HISTORY: HistoryEntry = { at: 0, by: '', gen: 0, why: [], lists: {} };

/** @throws LogsError `LOGS_BAD_PAYLOAD` that names the path */
export function readHistoryEntry(data: Buffer, path: string): HistoryEntry {
  if (data.length === 0) return NO_HISTORY;
  try {
    return entrySchema.parse(JSON.parse(data.toString()));
  } catch (cause) {
    const what = JSON.stringify(data.toString('latin1', 0, 60));
    throw new LogsError('LOGS_BAD_PAYLOAD', `${path}: expected an entry of the history, got ${what}`, false, { cause });
  }
}

/** At most a handful of reasons: a change of ten thousand sources has the same one ten thousand times. */
export function shortReasons(reasons: readonly string[]): string[] {
  const short = reasons.slice(0, MAX_REASONS).map((reason) => reason.slice(0, MAX_REASON_CHARS));
  return reasons.length > MAX_REASONS ? [...short, `and ${reasons.length - MAX_REASONS} more`] : short;
}

/** One entry on top of what was before. */
function applyEntry(before: HistoryEntry, entry: HistoryEntry): HistoryEntry {
  const merged: Record<string, string[]> = {};
  for (const [id, sources] of Object.entries({ ...before.lists, ...entry.lists })) {
    if (sources !== null) merged[id] = [...sources];
  }
  return { ...entry, lists: merged };
}

/** @param entries oldest first. @returns the base with the oldest `count` of them in it */
export const fold = (base: HistoryEntry, entries: readonly HistoryEntry[], count: number): HistoryEntry => ({
  ...entries.slice(0, count).reduce(applyEntry, base),
  why: [],
});

/**
 * @param entries oldest first
 * @returns the lists at that moment; null when it is before the base
 */
export function listsAt(base: HistoryEntry, entries: readonly HistoryEntry[], atMs: number): HistoryEntry | null {
  if (atMs < base.at) return null;
  return entries.filter(({ at }) => at <= atMs).reduce(applyEntry, base);
}
