/**
 * CRC-32 (the one of zip and java.util.zip.CRC32). Short input is summed here, eight bytes a step, because the call into
 * native code alone costs more than that; long input goes there, where a byte costs a quarter.
 */
import { crc32 as nativeCrc32 } from 'node:zlib';

/** From about this length the call pays. */
const NATIVE_BYTES = 192;

const POLYNOMIAL = 0xedb88320;
const SLICES = 8;

/** Table k, entry b: what byte b does to the checksum when k more bytes follow it. One flat array for all eight. */
const table = buildTable();

function buildTable(): Int32Array {
  const entries = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    entries[byte] = crc;
  }
  for (let at = 256; at < entries.length; at++) {
    const previous = entries[at - 256]!;
    entries[at] = (previous >>> 8) ^ entries[previous & 0xff]!;
  }
  return entries;
}

/**
 * @param previous the checksum of the bytes before these, so that parts can be summed without joining them; signed or not
 * @param end where the part of `bytes` to be summed ends, and `start` where it begins; a view would cost more than short
 *   parts do
 * @returns an unsigned 32-bit number
 */
export function crc32(bytes: Uint8Array, previous = 0, end: number = bytes.length, start = 0): number {
  if (end - start >= NATIVE_BYTES) {
    const isWhole = start === 0 && end === bytes.length;
    return nativeCrc32(isWhole ? bytes : bytes.subarray(start, end), previous >>> 0);
  }
  let crc = ~previous;
  let at = start;
  for (const sliced = end - 7; at < sliced; at += 8) {
    const low = crc ^ (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
    crc =
      table[1792 + (low & 0xff)]! ^
      table[1536 + ((low >>> 8) & 0xff)]! ^
      table[1280 + ((low >>> 16) & 0xff)]! ^
      table[1024 + (low >>> 24)]! ^
      table[768 + bytes[at + 4]!]! ^
      table[512 + bytes[at + 5]!]! ^
      table[256 + bytes[at + 6]!]! ^
      table[bytes[at + 7]!]!;
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ table[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}
