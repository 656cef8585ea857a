/**
 * The producers of a partition as of an offset, in Kafka's file: what recovery starts from (ProducerStateManager).
 *
 *   version i16 = 1, crc u32 (CRC-32C of what follows), count i32, entry*
 *   entry = producerId i64, epoch i16, lastSequence i32, lastOffset i64, offsetDelta i32, timestamp i64,
 *           coordinatorEpoch i32, currentTxnFirstOffset i64 (-1 none)
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { crc32c, NO_SEQUENCE, Reader, Writer } from '@menagerie/kafka-protocol';

import { StorageError } from '../errors.js';
import { newEntry, type ProducerEntry } from './producer-entry.js';

const VERSION = 1;
const HEAD_BYTES = 6;
const SEQUENCES = 0x8000_0000;

export function writeProducerSnapshot(path: string, entries: readonly ProducerEntry[]): void {
  const body = new Writer();
  body.int32(entries.length);
  for (const entry of entries) {
    const last = entry.batches.at(-1);
    body.int64(entry.producerId);
    body.int16(entry.epoch);
    body.int32(last?.lastSequence ?? NO_SEQUENCE);
    body.int64(last?.lastOffset ?? -1);
    body.int32(last === undefined ? 0 : last.lastOffset - last.baseOffset);
    body.int64(entry.lastTimestamp);
    body.int32(entry.coordinatorEpoch);
    body.int64(entry.txnFirstOffset ?? -1);
  }
  const bytes = body.toBuffer();
  const head = new Writer(HEAD_BYTES);
  head.int16(VERSION);
  head.uint32(crc32c(bytes));
  try {
    writeFileSync(`${path}.tmp`, Buffer.concat([head.toBuffer(), bytes]));
    renameSync(`${path}.tmp`, path);
  } catch (error) {
    throw new StorageError(`write ${path}`, error);
  }
}

/** Null when there is none, or not a whole one: the log is then read from further ahead. */
export function readProducerSnapshot(path: string): readonly ProducerEntry[] | null {
  try {
    const reader = new Reader(readFileSync(path));
    const version = reader.int16();
    const crc = reader.uint32();
    if (version !== VERSION || crc32c(reader.buffer.subarray(HEAD_BYTES)) !== crc) return null;
    return Array.from({ length: reader.int32() }, () => readEntry(reader));
  } catch {
    return null;
  }
}

function readEntry(reader: Reader): ProducerEntry {
  const entry = newEntry(reader.int64(), reader.int16());
  const lastSequence = reader.int32();
  const lastOffset = reader.int64();
  const offsetDelta = reader.int32();
  const timestamp = reader.int64();
  entry.lastTimestamp = timestamp;
  entry.coordinatorEpoch = reader.int32();
  const txnFirstOffset = reader.int64();
  entry.txnFirstOffset = txnFirstOffset < 0 ? null : txnFirstOffset;
  if (lastSequence !== NO_SEQUENCE) {
    const baseSequence = (lastSequence - offsetDelta + SEQUENCES) % SEQUENCES;
    entry.batches.push({ baseSequence, lastSequence, baseOffset: lastOffset - offsetDelta, lastOffset, timestamp });
  }
  return entry;
}
