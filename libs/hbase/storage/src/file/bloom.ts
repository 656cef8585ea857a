/** Which rows a file may hold. Never says no to a row that is there; of those that are not, about one in a hundred passes. */
const BITS_PER_ROW = 10;
const PROBES = 7;
const MIN_BYTES = 8;

/** FNV-1a, once from each of two starts. */
function hash(row: Buffer, seed: number): number {
  let value = seed;
  for (const byte of row) value = Math.imul(value ^ byte, 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

function* probes(row: Buffer, bits: number): Generator<number> {
  const [first, step] = [hash(row, 0x811c9dc5), hash(row, 0x9747b28c) | 1];
  for (let n = 0; n < PROBES; n++) yield ((first + n * step) >>> 0) % bits;
}

export class BloomFilter {
  constructor(readonly bytes: Buffer) {}

  static of(rows: readonly Buffer[]): BloomFilter {
    const filter = new BloomFilter(Buffer.alloc(Math.max(MIN_BYTES, Math.ceil((rows.length * BITS_PER_ROW) / 8))));
    for (const row of rows) filter.add(row);
    return filter;
  }

  private add(row: Buffer): void {
    for (const bit of probes(row, this.bytes.length * 8)) this.bytes[bit >>> 3]! |= 1 << (bit & 7);
  }

  mayHold(row: Buffer): boolean {
    for (const bit of probes(row, this.bytes.length * 8)) {
      if ((this.bytes[bit >>> 3]! & (1 << (bit & 7))) === 0) return false;
    }
    return true;
  }
}
