/**
 * The allocator's decision: what one poll has shown, and which lists follow from it.
 *
 * Nothing of it needs to survive the allocator: the lists in the tree are the truth, a successor reads them and goes on
 * where this one stopped. The state only remembers time: who reported when, what changed a moment ago, what rests.
 */
import { allocate } from '../allocation/allocate.js';
import { byName, CLASS_WEIGHT, imbalance, type WeighedSource, weightOf } from '../allocation/model.js';
import type { Assignment, CollectorStatus, Policy, Settings, Source } from '../layout/payloads.js';
import { judge, type LivenessState, NO_PULSES, Verdict } from '../liveness/liveness.js';
import { type ListState, planHandover } from './handover.js';

/** One collector as read in one poll. */
export interface CollectorPoll {
  /** Data version of its node, for the write. */
  readonly version: number;
  readonly list: Assignment;
  /** Null before its first report, or when the report cannot be read. */
  readonly status: CollectorStatus | null;
  /** `mtime` of the report; 0 when there is none. */
  readonly reportedAtMs: number;
}

export interface Poll {
  /** The ensemble's clock at this poll. */
  readonly nowMs: number;
  readonly collectors: ReadonlyMap<string, CollectorPoll>;
  readonly sources: ReadonlyMap<string, Source>;
  readonly settings: Settings;
}

export interface ListWrite {
  readonly collector: string;
  readonly version: number;
  readonly list: Assignment;
}

export type AllocatorEvent =
  | { readonly kind: 'verdict'; readonly collector: string; readonly from: Verdict | null; readonly to: Verdict }
  | { readonly kind: 'gone'; readonly collector: string }
  | { readonly kind: 'frozen' | 'thawed' }
  | { readonly kind: 'revoked'; readonly source: string; readonly from: string }
  | { readonly kind: 'assigned'; readonly source: string; readonly to: string; readonly from: string | null };

export interface AllocatorState {
  readonly liveness: LivenessState;
  /** Which members and sources the last allocation was made for. */
  readonly allocatedFor: string | null;
  /** The same for what was seen last, and since when it has been so. */
  readonly seen: string | null;
  readonly seenSinceMs: number;
  readonly desired: ReadonlyMap<string, string>;
  readonly balancedAtMs: number;
  /** Lines a second as last reported. Remembered, since a collector that has just been started does not know yet. */
  readonly rates: ReadonlyMap<string, number>;
  /** Source to the moment at which it was last given to somebody. */
  readonly movedAtMs: ReadonlyMap<string, number>;
  /** Who had a source last, to tell a move from a first assignment. */
  readonly lastOwner: ReadonlyMap<string, string>;
  /** Since this allocator began: sources that went to another owner than before. */
  readonly moves: number;
}

export const FRESH_ALLOCATOR: AllocatorState = {
  liveness: NO_PULSES,
  allocatedFor: null,
  seen: null,
  seenSinceMs: 0,
  desired: new Map(),
  balancedAtMs: 0,
  rates: new Map(),
  movedAtMs: new Map(),
  lastOwner: new Map(),
  moves: 0,
};

export interface AllocatorStep {
  readonly state: AllocatorState;
  /** To be written in one transaction, each against its version. */
  readonly writes: readonly ListWrite[];
  readonly events: readonly AllocatorEvent[];
  /** Asked back from living owners who have not let go yet. */
  readonly inTransit: number;
}

/** Polls further apart than this many periods are a break (and at least so many milliseconds). */
const BREAK_PERIODS = 3;
const BREAK_AT_LEAST_MS = 1_500;

/** Pure: the same state and poll give the same step. The caller keeps `state` only when the writes have gone through. */
export function stepAllocator(state: AllocatorState, poll: Poll): AllocatorStep {
  const { nowMs, settings } = poll;
  const events: AllocatorEvent[] = [];
  const liveness = judge(
    state.liveness,
    new Map([...poll.collectors].map(([id, { reportedAtMs }]) => [id, reportedAtMs])),
    nowMs,
    {
      silentAfterMs: settings.silentAfterMs,
      moveDelayMs: settings.moveDelayMs,
      breakMs: Math.max(BREAK_AT_LEAST_MS, BREAK_PERIODS * settings.pollMs),
    },
  );
  tellVerdicts(state.liveness, liveness, events);

  const verdict = (id: string): Verdict => liveness.pulses.get(id)?.verdict ?? Verdict.unproven;
  const ids = [...poll.collectors.keys()].sort(byName);
  const having = (id: string): boolean => (poll.collectors.get(id)?.list.sources.length ?? 0) > 0;
  const wanted = (id: string): boolean => poll.collectors.get(id)?.list.draining !== true;
  const eligible = ids.filter((id) => verdict(id) === Verdict.alive && wanted(id));
  // A silent one still belongs to the cluster: a blink must not look like a change, or it would cost two reshuffles.
  const members = ids.filter((id) => wanted(id) && (eligible.includes(id) || verdict(id) === Verdict.silent));
  const blinking = members.length > eligible.length;
  // A new allocator waits until everybody who has something has shown himself, or has been silent for too long.
  const waiting = ids.some((id) => verdict(id) === Verdict.unproven && having(id));
  const owners = ownersOf(poll);
  const rates = ratesOf(poll, state.rates);

  const fingerprint = JSON.stringify([settings.policy, members, [...poll.sources.keys()].sort(byName)]);
  const seenSinceMs = fingerprint === state.seen ? state.seenSinceMs : nowMs;
  const settled = nowMs - seenSinceMs >= settings.debounceMs && !waiting && eligible.length > 0;
  const purpose = blinking ? `${fingerprint} while some are silent` : fingerprint;
  const done = state.allocatedFor === fingerprint || state.allocatedFor === purpose;
  const changed = settled && !(blinking ? done : state.allocatedFor === fingerprint);
  const balance =
    settled && !changed && !blinking && settings.policy === 'local' && balanceIsDue(state.balancedAtMs, poll);
  const desired =
    changed || balance
      ? wantedOwners(state, poll, { policy: blinking ? 'local' : settings.policy, eligible, owners, rates, verdict })
      : keep(state.desired, owners, poll);

  const lists = new Map<string, ListState>();
  for (const [id, { list, status }] of poll.collectors) {
    lists.set(id, { list, ackedGen: status?.gen ?? -1, dead: verdict(id) === Verdict.dead });
  }
  const plan = planHandover(lists, desired);

  const lastOwner = new Map(state.lastOwner);
  for (const [source, owner] of owners) lastOwner.set(source, owner);
  const movedAtMs = new Map([...state.movedAtMs].filter(([source]) => poll.sources.has(source)));
  let { moves } = state;
  for (const { source, from } of plan.revoked) events.push({ kind: 'revoked', source, from });
  for (const { source, to } of plan.assigned) {
    const from = lastOwner.get(source) ?? null;
    if (from !== null && from !== to) {
      moves += 1;
      movedAtMs.set(source, nowMs);
    }
    lastOwner.set(source, to);
    events.push({ kind: 'assigned', source, to, from });
  }
  return {
    state: {
      liveness,
      allocatedFor: changed ? purpose : state.allocatedFor,
      seen: fingerprint,
      seenSinceMs,
      desired,
      balancedAtMs: changed || balance ? nowMs : state.balancedAtMs,
      rates,
      movedAtMs,
      lastOwner,
      moves,
    },
    writes: [...plan.lists].map(([collector, list]) => ({
      collector,
      version: poll.collectors.get(collector)?.version ?? 0,
      list,
    })),
    events,
    inTransit: plan.inTransit,
  };
}

const balanceIsDue = (balancedAtMs: number, { nowMs, settings }: Poll): boolean =>
  nowMs - balancedAtMs >= settings.balanceEveryMs;

/** What the policy says of everything but that which belongs to a silent collector: that stays. */
function wantedOwners(
  state: AllocatorState,
  { sources, collectors, settings, nowMs }: Poll,
  by: {
    readonly policy: Policy;
    readonly eligible: readonly string[];
    readonly owners: ReadonlyMap<string, string>;
    readonly rates: ReadonlyMap<string, number>;
    readonly verdict: (id: string) => Verdict;
  },
): ReadonlyMap<string, string> {
  const pinned = new Map([...by.owners].filter(([, owner]) => by.verdict(owner) === Verdict.silent));
  const free = weigh(sources, by.rates).filter(({ name }) => !pinned.has(name));
  const resting = new Set(
    [...state.movedAtMs].filter(([, atMs]) => nowMs - atMs < settings.cooldownMs).map(([source]) => source),
  );
  const racks = new Map(
    [...collectors].flatMap(([id, { status }]) => (status?.rack === undefined ? [] : [[id, status.rack] as const])),
  );
  const request = { sources: free, collectors: by.eligible, owners: by.owners, resting, racks };
  const desired = new Map(allocate(by.policy, request));
  for (const [source, owner] of pinned) if (sources.has(source)) desired.set(source, owner);
  return desired;
}

/** What was wanted before still is; what is on a list and was never spoken of stays there. */
function keep(
  desired: ReadonlyMap<string, string>,
  owners: ReadonlyMap<string, string>,
  { sources, collectors }: Poll,
): ReadonlyMap<string, string> {
  const kept = new Map<string, string>();
  for (const name of sources.keys()) {
    const to = [desired.get(name), owners.get(name)].find((id) => id !== undefined && collectors.has(id));
    if (to !== undefined) kept.set(name, to);
  }
  return kept;
}

/** What is reported now, over what was reported before. Sources that are gone are forgotten. */
function ratesOf({ collectors, sources }: Poll, before: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  const rates = new Map([...before].filter(([name]) => sources.has(name)));
  for (const { status } of collectors.values()) {
    for (const [name, { rate }] of Object.entries(status?.perSource ?? {}))
      if (sources.has(name)) rates.set(name, rate);
  }
  return rates;
}

/** By its rate, or by its class until one is known. */
function weigh(sources: ReadonlyMap<string, Source>, rates: ReadonlyMap<string, number>): readonly WeighedSource[] {
  return [...sources].map(([name, { rate, rack }]) => {
    const measured = rates.get(name);
    const weight = measured === undefined ? CLASS_WEIGHT[rate] : weightOf(measured);
    return { name, weight, ...(rack === undefined ? {} : { rack }) };
  });
}

/** Weight carried by each collector over the mean of all: 1 is even. */
export function unevenness(poll: Poll, { rates }: Pick<AllocatorState, 'rates'>): number {
  const owners = ownersOf(poll);
  const loads = new Map([...poll.collectors.keys()].map((id) => [id, 0]));
  for (const { name, weight } of weigh(poll.sources, ratesOf(poll, rates))) {
    const owner = owners.get(name);
    if (owner !== undefined) loads.set(owner, (loads.get(owner) ?? 0) + weight);
  }
  return imbalance([...loads.values()]);
}

/** A source that is being revoked is nobody's in the eyes of a policy: it is on its way. */
function ownersOf({ collectors }: Poll): ReadonlyMap<string, string> {
  const owners = new Map<string, string>();
  for (const [id, { list }] of collectors) for (const source of list.sources) owners.set(source, id);
  return owners;
}

function tellVerdicts(before: LivenessState, after: LivenessState, events: AllocatorEvent[]): void {
  for (const [collector, { verdict }] of after.pulses) {
    const from = before.pulses.get(collector)?.verdict ?? null;
    if (from !== verdict) events.push({ kind: 'verdict', collector, from, to: verdict });
  }
  for (const collector of before.pulses.keys()) {
    if (!after.pulses.has(collector)) events.push({ kind: 'gone', collector });
  }
  if ((before.frozenSinceMs === null) !== (after.frozenSinceMs === null)) {
    events.push({ kind: after.frozenSinceMs === null ? 'thawed' : 'frozen' });
  }
}
