/**
 * Local allocation: what has an owner stays, and only a small range is touched.
 *
 * - Sources without an owner go where the load is lowest, in their own rack as long as that is not overloaded for it.
 * - A collector that has nothing receives from those with most, until it carries its share.
 * - An imbalance is mended a few moves at a time, and only by moves that gain more than they cost.
 * - Of two moves, the one that brings a source home to its rack comes first, one that takes it away from there last.
 */
import { type Allocation, type AllocationRequest, byName, type WeighedSource } from './model.js';

/** Beyond this (largest over mean) a move is worth its cost; the gap to `SETTLED` keeps it from swinging. */
const UNEVEN = 1.35;
const SETTLED = 1.15;
/** Moves of one pass that only mend an imbalance. */
const MAX_MENDING_MOVES = 4;
/** A move must lower the larger of the two loads by at least this part of the weight that is moved. */
const MIN_GAIN = 0.25;
/** A newcomer is no swing of the load: it gets its share, whatever was moved a moment ago. */
const NOBODY_RESTS: ReadonlySet<string> = new Set();

export function allocateLocally(request: AllocationRequest): Allocation {
  const table = new LoadTable(request);
  for (const source of table.withoutOwner()) table.give(source, table.placeFor(source));
  const newcomers = table.newcomers();
  for (const newcomer of newcomers) fillUp(table, newcomer);
  if (newcomers.length === 0) mend(table);
  return table.allocation();
}

/** At most its share by number: scale-out moves no more than ceil(S / N) sources, N counting the newcomer. */
function fillUp(table: LoadTable, newcomer: string): void {
  const most = Math.ceil(table.size / table.collectors.length);
  for (let moves = 0; moves < most; moves++) {
    const giver = table.heaviest();
    if (giver === newcomer) return;
    const source = table.bestMove(giver, newcomer, NOBODY_RESTS);
    if (source === undefined) return;
    table.give(source, newcomer);
  }
}

function mend(table: LoadTable): void {
  if (table.unevenness() <= UNEVEN) return;
  for (let moves = 0; moves < MAX_MENDING_MOVES && table.unevenness() > SETTLED; moves++) {
    const [giver, taker] = [table.heaviest(), table.lightest()];
    const source = table.bestMove(giver, taker, table.resting);
    if (source === undefined) return;
    table.give(source, taker);
  }
}

/** Who carries what while an allocation is worked out. */
class LoadTable {
  readonly collectors: readonly string[];
  readonly size: number;
  private readonly owner = new Map<string, string>();
  private readonly held = new Map<string, Set<WeighedSource>>();
  private readonly load = new Map<string, number>();
  readonly resting: ReadonlySet<string>;
  /** What each would carry if all carried the same. */
  private readonly fairShare: number;

  constructor(private readonly request: AllocationRequest) {
    this.collectors = [...request.collectors].sort(byName);
    this.size = request.sources.length;
    this.resting = request.resting ?? new Set();
    for (const collector of this.collectors) {
      this.held.set(collector, new Set());
      this.load.set(collector, request.carried?.get(collector) ?? 0);
    }
    const carried = [...this.load.values()].reduce((sum, load) => sum + load, 0);
    const total = request.sources.reduce((sum, { weight }) => sum + weight, carried);
    this.fairShare = total / this.collectors.length;
    for (const source of request.sources) {
      const owner = request.owners.get(source.name);
      if (owner !== undefined && this.held.has(owner)) this.give(source, owner);
    }
  }

  /** The heaviest first, which fills evenly. */
  withoutOwner(): readonly WeighedSource[] {
    return this.request.sources
      .filter(({ name }) => !this.owner.has(name))
      .sort((a, b) => b.weight - a.weight || byName(a.name, b.name));
  }

  newcomers(): readonly string[] {
    if (this.size < this.collectors.length) return [];
    return this.collectors.filter((one) => this.held.get(one)?.size === 0 && this.loadOf(one) === 0);
  }

  give(source: WeighedSource, to: string): void {
    const from = this.owner.get(source.name);
    if (from !== undefined) {
      this.held.get(from)?.delete(source);
      this.load.set(from, this.loadOf(from) - source.weight);
    }
    this.owner.set(source.name, to);
    this.held.get(to)?.add(source);
    this.load.set(to, this.loadOf(to) + source.weight);
  }

  lightest(): string {
    return this.collectors.reduce((best, one) => (this.loadOf(one) < this.loadOf(best) ? one : best));
  }

  heaviest(): string {
    return this.collectors.reduce((best, one) => (this.loadOf(one) > this.loadOf(best) ? one : best));
  }

  /** The lightest of its rack, unless that would carry too much by it; then the lightest of all. */
  placeFor(source: WeighedSource): string {
    const near = this.collectors.filter((one) => this.isHome(source, one));
    const [first] = near;
    if (first === undefined) return this.lightest();
    const home = near.reduce((best, one) => (this.loadOf(one) < this.loadOf(best) ? one : best), first);
    return this.loadOf(home) + source.weight <= UNEVEN * this.fairShare ? home : this.lightest();
  }

  unevenness(): number {
    const total = [...this.load.values()].reduce((sum, load) => sum + load, 0);
    return total === 0 ? 1 : this.loadOf(this.heaviest()) / (total / this.collectors.length);
  }

  /** The one whose move leaves the larger of the two loads smallest, racks before loads; none if that gains too little. */
  bestMove(from: string, to: string, resting: ReadonlySet<string>): WeighedSource | undefined {
    let best: WeighedSource | undefined;
    let least = this.loadOf(from);
    let nearest = Number.POSITIVE_INFINITY;
    for (const source of this.held.get(from) ?? []) {
      if (resting.has(source.name)) continue;
      const larger = Math.max(this.loadOf(from) - source.weight, this.loadOf(to) + source.weight);
      if (larger > this.loadOf(from) - MIN_GAIN * source.weight) continue;
      const detour = this.detour(source, from, to);
      const order = detour - nearest || larger - least || (best === undefined ? -1 : byName(source.name, best.name));
      if (order < 0) [best, least, nearest] = [source, larger, detour];
    }
    return best;
  }

  /** -1 for a move home to the source's rack, 1 for one away from there, 0 for all others. */
  private detour(source: WeighedSource, from: string, to: string): number {
    return Number(this.isHome(source, from)) - Number(this.isHome(source, to));
  }

  private isHome({ rack }: WeighedSource, collector: string): boolean {
    return rack !== undefined && this.request.racks?.get(collector) === rack;
  }

  allocation(): Allocation {
    return this.owner;
  }

  private loadOf(collector: string): number {
    return this.load.get(collector) ?? 0;
  }
}
