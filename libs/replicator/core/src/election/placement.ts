/** Who runs: of the instances of a task the one with the smallest sequence. Pure: from a list of names to a role. */

export interface Placement {
  /** Null: our own node is not in the list. */
  readonly role: 'first' | 'later' | null;
  /** The one directly before us. */
  readonly before: string | null;
}

const SEQUENCE = /-(-?\d{10,11})$/;

/** @returns null for a name that ZooKeeper did not number */
export function sequenceOf(name: string): number | null {
  const digits = SEQUENCE.exec(name)?.[1];
  return digits === undefined ? null : Number(digits);
}

/** Signed, as the counter wraps: 2^31 - 1 comes before -2^31. */
const compare = (a: string, b: string): number => ((sequenceOf(a) ?? 0) - (sequenceOf(b) ?? 0)) | 0;

export function place(names: readonly string[], own: string): Placement {
  const line = names.filter((name) => sequenceOf(name) !== null).sort(compare);
  const at = line.indexOf(own);
  if (at === -1) return { role: null, before: null };
  return at === 0 ? { role: 'first', before: null } : { role: 'later', before: line[at - 1] ?? null };
}
