/** Writes the primitive types of Kafka's protocol. Large byte fields are kept by reference, not copied. */

const FIRST_BYTES = 512;
/** From here on a copy costs more than one more piece in the gathered write. */
const REFERENCE_BYTES = 4096;
const TWO_POW_32 = 0x1_0000_0000;

export class Writer {
  private readonly pieces: Buffer[] = [];
  private piecesBytes = 0;
  private chunk: Buffer;
  private at = 0;

  constructor(firstBytes = FIRST_BYTES) {
    this.chunk = Buffer.allocUnsafe(firstBytes);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.piecesBytes + this.at;
  }

  private room(bytes: number): number {
    if (this.at + bytes > this.chunk.length) {
      const grown = Buffer.allocUnsafe(Math.max(this.chunk.length * 2, this.at + bytes));
      this.chunk.copy(grown, 0, 0, this.at);
      this.chunk = grown;
    }
    const from = this.at;
    this.at += bytes;
    return from;
  }

  int8(value: number): void {
    const from = this.room(1);
    this.chunk.writeInt8(value, from);
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int16(value: number): void {
    const from = this.room(2);
    this.chunk.writeInt16BE(value, from);
  }

  int32(value: number): void {
    const from = this.room(4);
    this.chunk.writeInt32BE(value, from);
  }

  uint32(value: number): void {
    const from = this.room(4);
    this.chunk.writeUInt32BE(value, from);
  }

  int64(value: number): void {
    const from = this.room(8);
    const high = Math.floor(value / TWO_POW_32);
    this.chunk.writeInt32BE(high, from);
    this.chunk.writeUInt32BE(value - high * TWO_POW_32, from + 4);
  }

  unsignedVarint(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    this.byte(rest);
  }

  private byte(value: number): void {
    // First the room, then the chunk: to make room may exchange it.
    const from = this.room(1);
    this.chunk[from] = value;
  }

  /** Zigzag, of 32 or 64 bits alike. */
  varint(value: number): void {
    this.unsignedVarint(value < 0 ? -2 * value - 1 : 2 * value);
  }

  bytes(value: Buffer): void {
    if (value.length < REFERENCE_BYTES) {
      const from = this.room(value.length);
      value.copy(this.chunk, from);
      return;
    }
    this.pieces.push(this.chunk.subarray(0, this.at), value);
    this.piecesBytes += this.at + value.length;
    this.chunk = this.chunk.subarray(this.at);
    this.at = 0;
    if (this.chunk.length === 0) this.chunk = Buffer.allocUnsafe(FIRST_BYTES);
  }

  text(value: string, length = Buffer.byteLength(value)): void {
    const from = this.room(length);
    this.chunk.write(value, from, length, 'utf8');
  }

  /** What was written, in order, to be gathered by one write. The writer is of no use after that. */
  take(): Buffer[] {
    if (this.at > 0) this.pieces.push(this.chunk.subarray(0, this.at));
    return this.pieces;
  }

  /** The same as one buffer. */
  toBuffer(): Buffer {
    const pieces = this.take();
    return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  }
}
