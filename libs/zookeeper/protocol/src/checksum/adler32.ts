/** Adler-32 (RFC 1950), what Apache puts in front of log records and at the seals of a snapshot. */

const MODULUS = 65521;

/** As many bytes as can be summed before the second sum may pass 2^32: zlib's NMAX. */
const BYTES_PER_REDUCTION = 5552;

/** The checksum of no bytes, to start from. */
export const ADLER32_INITIAL = 1;

/**
 * @param previous the checksum of the bytes before these
 * @returns an unsigned 32-bit number
 */
export function adler32(bytes: Uint8Array, previous: number = ADLER32_INITIAL): number {
  let a = previous & 0xffff;
  let b = previous >>> 16;
  let at = 0;
  while (at < bytes.length) {
    const end = Math.min(at + BYTES_PER_REDUCTION, bytes.length);
    // Unrolled: one sum depends on the other, so the loop's own bookkeeping is what can be saved.
    for (const unrolled = end - 3; at < unrolled; at += 4) {
      a += bytes[at]!;
      b += a;
      a += bytes[at + 1]!;
      b += a;
      a += bytes[at + 2]!;
      b += a;
      a += bytes[at + 3]!;
      b += a;
    }
    for (; at < end; at++) {
      a += bytes[at]!;
      b += a;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
