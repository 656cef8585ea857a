/**
 * One file: what a reader sees, and what a power failure leaves of it. Everything written since the last sync is in
 * `pending`, in order; a sync makes the part durable that was there when it began.
 */
import type { Random } from '../engine/random.js';

type Pending =
  | { readonly kind: 'write'; readonly at: number; readonly bytes: Buffer }
  | { readonly kind: 'truncate'; readonly length: number };

const SMALLEST_BYTES = 1024;

/** Bytes that grow. */
class Content {
  private bytes = Buffer.alloc(0);
  length = 0;

  write(at: number, from: Buffer): void {
    this.reserve(at + from.length);
    from.copy(this.bytes, at);
    this.length = Math.max(this.length, at + from.length);
  }

  truncate(length: number): void {
    if (length > this.length) this.reserve(length);
    else this.bytes.fill(0, length, this.length);
    this.length = length;
  }

  read(at: number, count: number): Buffer {
    return this.bytes.subarray(Math.min(at, this.length), Math.min(at + count, this.length));
  }

  /** Not a copy. */
  all(): Buffer {
    return this.bytes.subarray(0, this.length);
  }

  private reserve(length: number): void {
    if (length <= this.bytes.length) return;
    const larger = Buffer.alloc(Math.max(SMALLEST_BYTES, this.bytes.length * 2, length));
    this.bytes.copy(larger, 0, 0, this.length);
    this.bytes = larger;
  }
}

export class SimulatedFile {
  readonly content = new Content();
  private readonly durable = new Content();
  private pending: Pending[] = [];

  get length(): number {
    return this.content.length;
  }

  get isDirty(): boolean {
    return this.pending.length > 0;
  }

  write(at: number, bytes: Buffer): void {
    const copy = Buffer.from(bytes);
    this.content.write(at, copy);
    this.pending.push({ kind: 'write', at, bytes: copy });
  }

  truncate(length: number): void {
    this.content.truncate(length);
    this.pending.push({ kind: 'truncate', length });
  }

  /** @returns makes durable what was written until now */
  beginSync(): () => void {
    const last = this.pending.at(-1);
    return () => {
      const count = last === undefined ? 0 : this.pending.indexOf(last) + 1;
      for (const one of this.pending.splice(0, count)) apply(this.durable, one);
    };
  }

  /** A power failure: of what was not synced a first part stays, the last write of it perhaps torn. */
  loseUnsynced(random: Random): void {
    const kept = random.integer(0, this.pending.length);
    for (const one of this.pending.slice(0, kept)) apply(this.durable, one);
    const torn = this.pending[kept];
    if (torn?.kind === 'write' && random.chance(0.7)) {
      apply(this.durable, { ...torn, bytes: torn.bytes.subarray(0, random.integer(0, torn.bytes.length)) });
    }
    this.pending = [];
    this.content.truncate(0);
    this.content.write(0, this.durable.all());
  }

  /** What is on the disk changes by itself, and no write is to blame. */
  damage(change: (bytes: Buffer) => void): void {
    change(this.content.all());
    change(this.durable.all());
  }
}

function apply(to: Content, one: Pending): void {
  if (one.kind === 'write') to.write(one.at, one.bytes);
  else to.truncate(one.length);
}
