/** Adler-32 (RFC 1950), what Apache puts in front of log records and at the seals of a snapshot. */

const MODULUS = 65521;

/**
 * As many bytes as can be summed before the second sum may pass 2^31: 65520 * (n + 1) + 255 * n * (n + 1) / 2. One more bit,
 * as zlib uses it, would make it a floating-point number, and each addition four times as slow.
 */
const BYTES_PER_REDUCTION = 3800;

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
      a = (a + bytes[at]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 1]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 2]!) | 0;
      b = (b + a) | 0;
      a = (a + bytes[at + 3]!) | 0;
      b = (b + a) | 0;
    }
    for (; at < end; at++) {
      a = (a + bytes[at]!) | 0;
      b = (b + a) | 0;
    }
    a %= MODULUS;
    b %= MODULUS;
  }
  return ((b << 16) | a) >>> 0;
}
