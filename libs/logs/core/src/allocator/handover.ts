/**
 * From the lists as they are to the lists as they should be, without ever two readers of one source:
 *
 *   owner alive:  revoke (out of `sources`, into `revoking`)  ->  owner reports that list's gen  ->  assign to the next
 *   owner dead:   taken and assigned at once; should it wake, the sink refuses what it still has under the older gen
 *
 * All lists of one pass are written in one transaction with one new gen, so a crash leaves nothing half-way.
 */
import { byName } from '../allocation/model.js';
import type { Assignment } from '../layout/payloads.js';

export interface ListState {
  readonly list: Assignment;
  /** The gen that the collector says it carries out; -1 when it has not said so. */
  readonly ackedGen: number;
  /** Its list may be taken apart without asking it. */
  readonly dead: boolean;
}

export interface HandoverPlan {
  /** The new lists, only those that change. */
  readonly lists: ReadonlyMap<string, Assignment>;
  /** Handed to a new owner by this plan. */
  readonly assigned: readonly { readonly source: string; readonly to: string }[];
  /** Asked back by this plan. */
  readonly revoked: readonly { readonly source: string; readonly from: string }[];
  /** Still with their former owners, who have not said yet that they have stopped. */
  readonly inTransit: number;
}

/**
 * @param desired who should have what; a source that is missing is to be taken off all lists
 * Invariant: no source is in the `sources` or unacknowledged `revoking` of two living collectors' lists.
 */
export function planHandover(
  current: ReadonlyMap<string, ListState>,
  desired: ReadonlyMap<string, string>,
): HandoverPlan {
  const holder = settleDoubles(current);
  const next = new Map<string, { sources: Set<string>; revoking: Set<string> }>();
  const revoked: { source: string; from: string }[] = [];
  const held = new Set<string>();

  for (const [id, { list, ackedGen, dead }] of current) {
    const sources = new Set<string>();
    const revoking = new Set<string>();
    const acked = dead || ackedGen >= list.gen;
    for (const source of list.sources) {
      if (holder.get(source) !== id) continue;
      if (desired.get(source) === id) sources.add(source);
      else if (!dead) {
        revoking.add(source);
        revoked.push({ source, from: id });
      }
    }
    for (const source of list.revoking) {
      // It is still this one's, and is wanted there again: nobody else has had it in between.
      if (desired.get(source) === id && !dead && !heldElsewhere(current, source, id)) sources.add(source);
      else if (!acked) revoking.add(source);
    }
    for (const source of [...sources, ...revoking]) held.add(source);
    next.set(id, { sources, revoking });
  }

  const assigned: { source: string; to: string }[] = [];
  for (const [source, to] of [...desired].sort(([a], [b]) => byName(a, b))) {
    const list = next.get(to);
    if (held.has(source) || list === undefined || current.get(to)?.dead === true) continue;
    list.sources.add(source);
    held.add(source);
    assigned.push({ source, to });
  }
  return { lists: changed(current, next), assigned, revoked, inTransit: countRevoking(next) };
}

/** A source on two lists is a mistake of somebody's hand: the later gen has it, as at the sink. */
function settleDoubles(current: ReadonlyMap<string, ListState>): ReadonlyMap<string, string> {
  const holder = new Map<string, string>();
  for (const [id, { list }] of current) {
    for (const source of list.sources) {
      const other = holder.get(source);
      if (other === undefined || (current.get(other)?.list.gen ?? 0) < list.gen) holder.set(source, id);
    }
  }
  return holder;
}

function heldElsewhere(current: ReadonlyMap<string, ListState>, source: string, than: string): boolean {
  for (const [id, { list }] of current) if (id !== than && list.sources.includes(source)) return true;
  return false;
}

function changed(
  current: ReadonlyMap<string, ListState>,
  next: ReadonlyMap<string, { sources: ReadonlySet<string>; revoking: ReadonlySet<string> }>,
): ReadonlyMap<string, Assignment> {
  const gen = 1 + Math.max(0, ...[...current.values()].map(({ list }) => list.gen));
  const lists = new Map<string, Assignment>();
  for (const [id, { sources, revoking }] of next) {
    const list = current.get(id)?.list;
    if (list !== undefined && sameNames(list.sources, sources) && sameNames(list.revoking, revoking)) continue;
    lists.set(id, {
      gen,
      sources: [...sources].sort(byName),
      revoking: [...revoking].sort(byName),
      draining: list?.draining ?? false,
    });
  }
  return lists;
}

const sameNames = (list: readonly string[], set: ReadonlySet<string>): boolean =>
  list.length === set.size && list.every((name) => set.has(name));

const countRevoking = (next: ReadonlyMap<string, { revoking: ReadonlySet<string> }>): number =>
  [...next.values()].reduce((sum, { revoking }) => sum + revoking.size, 0);
