/**
 * Length-prefixed frames of the client protocol, out of a byte stream. Nothing else in this library that speaks to
 * clients knows that bytes arrive in pieces.
 *
 *   frame = int32 length, payload[length]
 */
import { FrameError } from './errors.js';
import { readInt32 } from './jute/int64.js';
import { DEFAULT_MAX_BUFFER_BYTES } from './jute/limits.js';

const LENGTH_BYTES = 4;

/** A peer that announces a large frame and sends little of it costs no more than this, and twice what it sent. */
const FIRST_ALLOCATION_BYTES = 64 * 1024;

export interface FrameDecoderOptions {
  /** Shortest payload accepted; 0 if not given. */
  readonly minFrameBytes?: number;
  /** Longest payload accepted; Apache's `jute.maxbuffer`, by default 0xfffff. */
  readonly maxFrameBytes?: number;
}

export class FrameDecoder {
  readonly minFrameBytes: number;
  readonly maxFrameBytes: number;

  /** What is known of a length field that was cut by the end of a chunk, as a number: a decoder is one a connection. */
  private header = 0;
  private headerBytes = 0;

  /** The payload of a frame that did not end with its chunk; null between frames. */
  private partial: Buffer | null = null;
  private partialBytes = 0;
  /** Invariant: partialBytes < frameBytes while `partial` is set. */
  private frameBytes = 0;

  constructor(options: FrameDecoderOptions = {}) {
    this.minFrameBytes = options.minFrameBytes ?? 0;
    this.maxFrameBytes = options.maxFrameBytes ?? DEFAULT_MAX_BUFFER_BYTES;
  }

  /** Bytes held back because their frame is not complete. */
  get bufferedBytes(): number {
    return this.partial === null ? this.headerBytes : LENGTH_BYTES + this.partialBytes;
  }

  /**
   * Takes the next bytes of the stream, of any number, and returns the payloads they complete, in order. A payload that
   * lies inside one chunk is a view of it; one that straddles chunks is copied together.
   *
   * @throws FrameError if a length is negative or over the limit; the decoder is of no use after that. On a connection's
   *   first bytes its `length` may spell a four-letter word: see `fourLetterWord()`.
   */
  push(chunk: Buffer): Buffer[] {
    const payloads: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.partial !== null) {
        at = this.continuePartial(chunk, at, payloads);
      } else if (this.headerBytes === 0 && chunk.length - at >= LENGTH_BYTES) {
        const length = this.checkLength(readInt32(chunk, at), payloads);
        at = this.startPayload(chunk, at + LENGTH_BYTES, length, payloads);
      } else {
        at = this.continueHeader(chunk, at, payloads);
      }
    }
    return payloads;
  }

  private continueHeader(chunk: Buffer, from: number, payloads: Buffer[]): number {
    let at = from;
    for (; at < chunk.length && this.headerBytes < LENGTH_BYTES; at++) {
      this.header = (this.header << 8) | chunk[at]!;
      this.headerBytes++;
    }
    if (this.headerBytes < LENGTH_BYTES) return at;
    this.headerBytes = 0;
    return this.startPayload(chunk, at, this.checkLength(this.header, payloads), payloads);
  }

  private startPayload(chunk: Buffer, at: number, length: number, payloads: Buffer[]): number {
    if (chunk.length - at >= length) {
      payloads.push(chunk.subarray(at, at + length));
      return at + length;
    }
    const available = chunk.length - at;
    this.frameBytes = length;
    this.partial = Buffer.allocUnsafe(Math.min(length, Math.max(FIRST_ALLOCATION_BYTES, 2 * available)));
    this.partialBytes = 0;
    return this.continuePartial(chunk, at, payloads);
  }

  private continuePartial(chunk: Buffer, at: number, payloads: Buffer[]): number {
    const taken = Math.min(this.frameBytes - this.partialBytes, chunk.length - at);
    const partial = this.roomFor(this.partialBytes + taken);
    chunk.copy(partial, this.partialBytes, at, at + taken);
    this.partialBytes += taken;
    if (this.partialBytes === this.frameBytes) {
      payloads.push(partial.subarray(0, this.frameBytes));
      this.partial = null;
    }
    return at + taken;
  }

  private roomFor(byteCount: number): Buffer {
    const partial = this.partial!;
    if (byteCount <= partial.length) return partial;
    const larger = Buffer.allocUnsafe(Math.min(this.frameBytes, Math.max(2 * partial.length, byteCount)));
    partial.copy(larger, 0, 0, this.partialBytes);
    this.partial = larger;
    return larger;
  }

  private checkLength(length: number, completed: Buffer[]): number {
    if (length >= this.minFrameBytes && length <= this.maxFrameBytes) return length;
    throw new FrameError(length, this.minFrameBytes, this.maxFrameBytes, completed);
  }
}

/** One frame around a payload that exists already; who encodes a message uses `JuteWriter.beginFrame` and copies nothing. */
export function frame(payload: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(LENGTH_BYTES + payload.length);
  framed.writeInt32BE(payload.length, 0);
  framed.set(payload, LENGTH_BYTES);
  return framed;
}
