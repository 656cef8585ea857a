/** What an allocation is asked and answers. Every policy is a function from one to the other. */

export interface WeighedSource {
  readonly name: string;
  /** What it costs to collect it; 1 is a source with hardly any lines. */
  readonly weight: number;
  /** Where it stands; a collector in the same rack is preferred. Only the local policy asks. */
  readonly rack?: string;
}

export interface AllocationRequest {
  readonly sources: readonly WeighedSource[];
  /** Those that may be given something. Precondition: at least one. */
  readonly collectors: readonly string[];
  /** Who has what now. Owners that are not among `collectors` count as nobody. */
  readonly owners: ReadonlyMap<string, string>;
  /** Weight that a collector carries apart from `sources`, and cannot give away at the moment. */
  readonly carried?: ReadonlyMap<string, number>;
  /** Sources that were moved lately and are not moved again for the sake of balance. Only the local policy asks. */
  readonly resting?: ReadonlySet<string>;
  /** Collector to its rack, for those that have said so. Only the local policy asks. */
  readonly racks?: ReadonlyMap<string, string>;
}

/** Source to collector, for every source of the request. */
export type Allocation = ReadonlyMap<string, string>;

/** By name, as all parts order sources and collectors. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * A source costs something even when it is quiet (a connection, a file, a folder at the sink); lines cost the rest.
 * @param linesPerSecond smoothed
 */
export const weightOf = (linesPerSecond: number): number => 1 + linesPerSecond / 200;

/** Before anything is known of it. */
export const CLASS_WEIGHT = { low: 1, normal: 1.5, high: 6 } as const;

/** @returns the largest over the mean, 1 when all are equal or there is nothing */
export function imbalance(loads: readonly number[]): number {
  const total = loads.reduce((sum, load) => sum + load, 0);
  return total === 0 ? 1 : Math.max(...loads) / (total / loads.length);
}

/** How many sources have another owner than before; those that had none do not count. */
export function countMoves(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): number {
  let moves = 0;
  for (const [source, owner] of after) {
    const was = before.get(source);
    if (was !== undefined && was !== owner) moves += 1;
  }
  return moves;
}
