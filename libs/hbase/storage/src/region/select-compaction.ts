/** Which files to write anew as one: pure. In the manner of RatioBasedCompactionPolicy.java. */

export interface CompactionRules {
  /** hbase.hstore.compaction.min: fewer are left alone. */
  readonly minFiles: number;
  /** hbase.hstore.compaction.max: more are not taken at once. */
  readonly maxFiles: number;
  /** hbase.hstore.compaction.ratio: a file larger than this times all newer ones together stays out. */
  readonly ratio: number;
}

export const COMPACTION_RULES: CompactionRules = { minFiles: 4, maxFiles: 10, ratio: 1.2 };

/**
 * @param sizes bytes of each file, the oldest first
 * @returns the range to join, half-open; null when there is nothing to do
 */
export function selectCompaction(
  sizes: readonly number[],
  { minFiles, maxFiles, ratio }: CompactionRules = COMPACTION_RULES,
): readonly [from: number, to: number] | null {
  for (let from = 0; sizes.length - from >= minFiles; from++) {
    const to = Math.min(sizes.length, from + maxFiles);
    const newer = sizes.slice(from + 1, to).reduce((sum, size) => sum + size, 0);
    if (sizes[from]! <= ratio * newer) return [from, to];
  }
  return null;
}
