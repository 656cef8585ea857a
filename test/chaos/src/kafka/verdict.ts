/** What is wrong with a log, held against what its producer was told. Pure. */

/**
 * Every number 0, 1, ... that was acknowledged is there once and in order, and nothing else is: a producer that waits for
 * each answer, and for the last one before it is judged, has sent nothing that was not acknowledged.
 *
 * @param placesOf where a number stands, for whoever has to find out why it is there twice
 * @returns one line about the first difference; null when there is none
 */
export function faultOfLog(
  acknowledged: readonly number[],
  found: readonly number[],
  placesOf: (number: number) => string,
): string | null {
  const seen = new Set<number>();
  for (const [index, number] of found.entries()) {
    if (seen.has(number)) return `${number} is there twice: ${placesOf(number)}`;
    if (index > 0 && number < found[index - 1]!) return `${number} comes behind ${found[index - 1]}`;
    seen.add(number);
  }
  const lost = acknowledged.filter((number) => !seen.has(number));
  if (lost.length > 0) return `${lost.length} of ${acknowledged.length} are lost, the first is ${lost[0]}`;
  if (found.length > acknowledged.length) return `${found.length - acknowledged.length} that nobody acknowledged`;
  return null;
}

/** @returns one line about what was never delivered; null when nothing is missing */
export function faultOfDelivery(acknowledged: readonly number[], delivered: ReadonlySet<number>): string | null {
  const missing = acknowledged.filter((number) => !delivered.has(number));
  return missing.length === 0 ? null : `${missing.length} never delivered, the first is ${missing[0]}`;
}
