/** Collects frames until they are worth one write. */
import { countLines } from '@menagerie/logs-core';
import type { Frame } from '@menagerie/logs-protocol';
import type { Batch } from '@menagerie/logs-sink';

export class BatchBuffer {
  /** Invariant: the payloads of neighbouring data frames, `size` bytes in all. */
  private pieces: Buffer[] = [];
  private from = 0;
  private size = 0;

  constructor(private readonly batchBytes: number) {}

  get isEmpty(): boolean {
    return this.size === 0;
  }

  get isFull(): boolean {
    return this.size >= this.batchBytes;
  }

  add({ from, payload }: Frame): void {
    if (this.size === 0) this.from = from;
    this.pieces.push(payload);
    this.size += payload.length;
  }

  /** Precondition: not empty. */
  take(): Batch {
    const bytes = this.pieces.length === 1 ? (this.pieces[0] as Buffer) : Buffer.concat(this.pieces);
    const batch = { from: this.from, to: this.from + bytes.length, lines: countLines(bytes), bytes };
    this.pieces = [];
    this.size = 0;
    return batch;
  }
}
