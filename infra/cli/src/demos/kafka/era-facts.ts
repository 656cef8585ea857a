/** What follows from who read what when: pure, so that it can be tried without a broker. */
import type { Reading } from './era.js';

/** What each member read last. */
export function latest(readings: readonly Reading[]): ReadonlyMap<string, Reading> {
  return new Map(readings.map((each) => [each.member, each]));
}

/**
 * When the first and the last of these members began to read by the last decision; undefined while there is a member that
 * does not, or a partition that is not read.
 */
export function settledAt(
  readings: readonly Reading[],
  members: readonly string[],
  partitions: number,
): { readonly firstMs: number; readonly lastMs: number } | undefined {
  const now = members.flatMap((member) => latest(readings).get(member) ?? []);
  const owned = new Set(now.flatMap((each) => each.partitions));
  const decisions = new Set(now.map(({ by }) => by));
  if (now.length !== members.length || owned.size !== partitions || decisions.size !== 1 || decisions.has('')) return;
  const times = now.map(({ atMs }) => atMs);
  return { firstMs: Math.min(...times), lastMs: Math.max(...times) };
}

/** Partitions that two members read at one time by the same decision, or by different ones: `partition: a and b`. */
export function doubles(readings: readonly Reading[]): readonly string[] {
  const reader = new Map<number, string>();
  const found: string[] = [];
  for (const { member, partitions } of readings) {
    for (const [partition, holder] of reader) if (holder === member) reader.delete(partition);
    for (const partition of partitions) {
      const other = reader.get(partition);
      if (other !== undefined) found.push(`${partition}: ${other} and ${member}`);
      reader.set(partition, member);
    }
  }
  return found;
}
