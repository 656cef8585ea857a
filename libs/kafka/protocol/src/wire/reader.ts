/** Reads the primitive types of Kafka's protocol out of one buffer. Never past its end, never more than it holds. */
import { KafkaDecodeError } from '../errors.js';

const TWO_POW_32 = 0x1_0000_0000;
/** A varint of 32 bits takes 5 bytes, one of 64 bits 10. */
const MAX_VARINT_BYTES = 5;
const MAX_VARLONG_BYTES = 10;

export class Reader {
  private at: number;

  constructor(
    readonly buffer: Buffer,
    start = 0,
    private readonly end = buffer.length,
  ) {
    this.at = start;
  }

  get offset(): number {
    return this.at;
  }

  get remaining(): number {
    return this.end - this.at;
  }

  /** Moves on by `bytes`; the place it was at. @throws KafkaDecodeError when fewer are left */
  private take(bytes: number, what: string): number {
    if (bytes > this.end - this.at) {
      throw new KafkaDecodeError(`expected ${bytes} bytes of ${what}, got ${this.end - this.at}`);
    }
    const from = this.at;
    this.at += bytes;
    return from;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1, 'an int8'));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2, 'an int16'));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4, 'an int32'));
  }

  uint32(): number {
    return this.buffer.readUInt32BE(this.take(4, 'a uint32'));
  }

  /** As a number: exact up to 2^53, which no offset, time or producer id reaches (decision 80). */
  int64(): number {
    const from = this.take(8, 'an int64');
    return this.buffer.readInt32BE(from) * TWO_POW_32 + this.buffer.readUInt32BE(from + 4);
  }

  /** Base-128, low bits first, no sign. */
  unsignedVarint(): number {
    let value = 0;
    let factor = 1;
    for (let bytes = 0; bytes < MAX_VARINT_BYTES; bytes++) {
      const byte = this.buffer[this.take(1, 'a varint')]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new KafkaDecodeError(`expected a varint of at most ${MAX_VARINT_BYTES} bytes, got a longer one`);
  }

  /** Zigzag: 0, -1, 1, -2, ... */
  varint(): number {
    const raw = this.unsignedVarint();
    return raw % 2 === 0 ? raw / 2 : -(raw + 1) / 2;
  }

  /** Zigzag of 64 bits; exact up to 2^53. */
  varlong(): number {
    let value = 0;
    let factor = 1;
    for (let bytes = 0; bytes < MAX_VARLONG_BYTES; bytes++) {
      const byte = this.buffer[this.take(1, 'a varlong')]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      factor *= 128;
    }
    throw new KafkaDecodeError(`expected a varlong of at most ${MAX_VARLONG_BYTES} bytes, got a longer one`);
  }

  /** A view, not a copy. */
  bytes(length: number, what = 'bytes'): Buffer {
    if (length < 0) throw new KafkaDecodeError(`expected a length of ${what}, got ${length}`);
    const from = this.take(length, what);
    return this.buffer.subarray(from, from + length);
  }

  text(length: number, what = 'a string'): string {
    return this.bytes(length, what).toString('utf8');
  }

  skip(length: number): void {
    this.bytes(length);
  }
}
