/**
 * What one turn writes to a socket leaves in one system call at the end of that turn. Small pieces are copied into one
 * buffer, large ones are handed over as they are.
 */
import type { Socket } from 'node:net';

/** Up to here copying is cheaper than a vector of many small buffers. */
const GATHER_BYTES = 64 * 1024;

export class Outbox {
  private pieces: Buffer[] = [];
  private pendingBytes = 0;
  private scheduled = false;

  constructor(private readonly socket: Socket) {}

  /** Bytes that have not reached the kernel. */
  get queuedBytes(): number {
    return this.pendingBytes + this.socket.writableLength;
  }

  /** The bytes belong to the outbox from now on. */
  write(bytes: Buffer): void {
    this.pieces.push(bytes);
    this.pendingBytes += bytes.length;
    if (this.scheduled) return;
    this.scheduled = true;
    process.nextTick(this.flush);
  }

  readonly flush = (): void => {
    this.scheduled = false;
    const { pieces, pendingBytes } = this;
    if (pieces.length === 0) return;
    this.pieces = [];
    this.pendingBytes = 0;
    if (!this.socket.writable) return;
    if (pieces.length === 1) {
      this.socket.write(pieces[0] as Buffer);
    } else if (pendingBytes <= GATHER_BYTES) {
      this.socket.write(Buffer.concat(pieces, pendingBytes));
    } else {
      this.socket.cork();
      for (const piece of pieces) this.socket.write(piece);
      this.socket.uncork();
    }
  };
}
