/**
 * Strings of the protocol. We write true UTF-8; Java writes each UTF-16 unit on its own, so that a character outside
 * the basic plane arrives as two 3-byte surrogates (CESU-8). We read both. Source: BinaryOutputArchive.stringToByteBuffer.
 */

const REPLACEMENT = '\ufffd';

/** Decodes `source[start, end)`; what is neither UTF-8 nor a surrogate pair becomes U+FFFD. */
export function decodeUtf8(source: Buffer, start: number, end: number): string {
  const text = source.toString('utf8', start, end);
  // Strict UTF-8 has no surrogates, so a pair shows as replacement characters. Asking costs next to nothing.
  return text.includes(REPLACEMENT) ? joinSurrogates(source, start, end).toString('utf8') : text;
}

/** A copy in which every pair of encoded surrogates is the one 4-byte character it stands for. */
function joinSurrogates(source: Buffer, start: number, end: number): Buffer {
  const joined = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let at = start; at < end;) {
    if (at + 6 <= end && isHighSurrogate(source, at) && isLowSurrogate(source, at + 3)) {
      const high = ((source[at + 1]! & 0x0f) << 6) | (source[at + 2]! & 0x3f);
      const low = ((source[at + 4]! & 0x0f) << 6) | (source[at + 5]! & 0x3f);
      length += joined.write(String.fromCodePoint(0x10000 + (high << 10) + low), length, 'utf8');
      at += 6;
    } else {
      joined[length++] = source[at++]!;
    }
  }
  return joined.subarray(0, length);
}

/** ED A0..AF 80..BF is U+D800..U+DBFF. */
function isHighSurrogate(source: Buffer, at: number): boolean {
  return source[at] === 0xed && source[at + 1]! >> 4 === 0xa && source[at + 2]! >> 6 === 0b10;
}

/** ED B0..BF 80..BF is U+DC00..U+DFFF. */
function isLowSurrogate(source: Buffer, at: number): boolean {
  return source[at] === 0xed && source[at + 1]! >> 4 === 0xb && source[at + 2]! >> 6 === 0b10;
}
