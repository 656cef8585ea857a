/** The number at the end of a sequential node's name. */

/**
 * Java's `%010d`: ten characters, zeros between sign and digits. The counter is a signed 32-bit integer, so after
 * 2147483647 the names go on with -2147483648, eleven characters and no longer in order.
 */
export function sequenceSuffix(counter: number): string {
  const digits = String(Math.abs(counter));
  return counter < 0 ? `-${digits.padStart(9, '0')}` : digits.padStart(10, '0');
}
