/**
 * The aborted transactions of a segment, which a consumer that reads committed records only must leave out.
 *
 *   entry = version i16 = 0, producerId i64, firstOffset i64, lastOffset i64 (of the marker), lastStableOffset i64
 */
import { appendFileSync, writeFileSync } from 'node:fs';
import { Reader, Writer } from '@menagerie/kafka-protocol';

import { StorageError } from '../errors.js';
import { txnIndexFile } from '../file-names.js';
import { readIfThere } from '../segment/offset-index.js';

const ENTRY_BYTES = 34;

export interface AbortedTxn {
  readonly producerId: number;
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** As of the abort: whoever fetches from there on need not look at older entries. */
  readonly lastStableOffset: number;
}

export class TxnIndex {
  private readonly entries: AbortedTxn[];

  private constructor(
    private readonly path: string,
    entries: readonly AbortedTxn[],
  ) {
    this.entries = [...entries];
  }

  static open(dir: string, baseOffset: number): TxnIndex {
    const path = txnIndexFile(dir, baseOffset);
    const bytes = readIfThere(path);
    if (bytes === null) return new TxnIndex(path, []);
    const reader = new Reader(bytes.subarray(0, bytes.length - (bytes.length % ENTRY_BYTES)));
    const entries: AbortedTxn[] = [];
    while (reader.remaining > 0) {
      reader.int16();
      entries.push({
        producerId: reader.int64(),
        firstOffset: reader.int64(),
        lastOffset: reader.int64(),
        lastStableOffset: reader.int64(),
      });
    }
    return new TxnIndex(path, entries);
  }

  get all(): readonly AbortedTxn[] {
    return this.entries;
  }

  append(aborted: AbortedTxn): void {
    // Recovery reads batches again whose aborts are here already.
    if (this.entries.some((entry) => entry.lastOffset === aborted.lastOffset)) return;
    this.entries.push(aborted);
    this.write(() => appendFileSync(this.path, encode(aborted)));
  }

  truncate(offset: number): void {
    const kept = this.entries.filter(({ lastOffset }) => lastOffset < offset);
    if (kept.length === this.entries.length) return;
    this.entries.splice(0, this.entries.length, ...kept);
    this.write(() => writeFileSync(this.path, Buffer.concat(kept.map(encode))));
  }

  private write(act: () => void): void {
    try {
      act();
    } catch (error) {
      throw new StorageError(`write ${this.path}`, error);
    }
  }
}

function encode({ producerId, firstOffset, lastOffset, lastStableOffset }: AbortedTxn): Buffer {
  const writer = new Writer(ENTRY_BYTES);
  writer.int16(0);
  for (const value of [producerId, firstOffset, lastOffset, lastStableOffset]) writer.int64(value);
  return writer.toBuffer();
}
