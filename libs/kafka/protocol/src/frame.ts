/**
 * Frames out of a byte stream. Nothing else here knows that bytes arrive in pieces.
 *
 *   frame = int32 length, payload[length]
 */
import { KafkaFrameError } from './errors.js';

const LENGTH_BYTES = 4;
/** A peer that announces a large frame and sends little of it costs no more than this, and twice what it sent. */
const FIRST_ALLOCATION_BYTES = 64 * 1024;

export class FrameSplitter {
  private readonly length = Buffer.alloc(LENGTH_BYTES);
  private lengthBytes = 0;
  /** What is there of a frame that straddles chunks; null between frames. */
  private partial: Buffer | null = null;
  private partialBytes = 0;
  /** Invariant: partialBytes < frameBytes while `partial` is set. */
  private frameBytes = 0;

  /** @param maxFrameBytes Kafka's `socket.request.max.bytes`. May grow between two frames, for a peer that is known by then */
  constructor(public maxFrameBytes: number) {}

  /**
   * Takes the next bytes of the stream and returns the payloads they complete. A payload inside one chunk is a view.
   *
   * @throws KafkaFrameError for a length that is negative or over the limit; the connection is of no use after that
   */
  push(chunk: Buffer): Buffer[] {
    const payloads: Buffer[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.partial !== null) {
        at += this.fill(chunk, at);
        if (this.partialBytes === this.frameBytes) {
          payloads.push(this.partial.subarray(0, this.frameBytes));
          this.partial = null;
        }
        continue;
      }
      const wanted = Math.min(LENGTH_BYTES - this.lengthBytes, chunk.length - at);
      chunk.copy(this.length, this.lengthBytes, at, at + wanted);
      this.lengthBytes += wanted;
      at += wanted;
      if (this.lengthBytes < LENGTH_BYTES) break;
      this.lengthBytes = 0;
      const bytes = this.length.readInt32BE(0);
      if (bytes < 0 || bytes > this.maxFrameBytes) throw new KafkaFrameError(bytes, this.maxFrameBytes);
      if (chunk.length - at >= bytes) {
        payloads.push(chunk.subarray(at, at + bytes));
        at += bytes;
      } else {
        this.frameBytes = bytes;
        this.partialBytes = 0;
        this.partial = Buffer.allocUnsafe(Math.min(bytes, Math.max(FIRST_ALLOCATION_BYTES, chunk.length - at)));
      }
    }
    return payloads;
  }

  /** Copies what belongs to the partial frame; how much that was. */
  private fill(chunk: Buffer, at: number): number {
    const wanted = Math.min(this.frameBytes - this.partialBytes, chunk.length - at);
    const needed = this.partialBytes + wanted;
    if (needed > this.partial!.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.frameBytes, Math.max(needed, this.partial!.length * 2)));
      this.partial!.copy(grown, 0, 0, this.partialBytes);
      this.partial = grown;
    }
    chunk.copy(this.partial!, this.partialBytes, at, at + wanted);
    this.partialBytes += wanted;
    return wanted;
  }
}
