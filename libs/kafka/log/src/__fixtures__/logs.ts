/** Logs in folders that go with the test. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attributesOf, buildBatch, buildTxnMarker, readRecords, splitBatches } from '@menagerie/kafka-protocol';
import { afterEach } from 'vitest';

import { defaultLogConfig, type LogConfig } from '../config.js';
import { type OpenOptions, PartitionLog } from '../partition-log.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'menagerie-kafka-log-'));
  folders.push(made);
  return made;
}

export const open = (dir: string, config: Partial<LogConfig> = {}, options?: OpenOptions): PartitionLog =>
  PartitionLog.open(dir, { topic: 't', partition: 0 }, { ...defaultLogConfig, ...config }, options);

interface Producer {
  readonly id: number;
  readonly sequence: number;
  readonly epoch?: number;
  readonly transactional?: boolean;
}

/** A batch with one record a value; `key=value` gives it a key, `key=` is a tombstone. */
export function batch(values: readonly string[], timestamp = 1000, producer?: Producer): Buffer {
  const records = values.map((text) => {
    const [key, value] = text.includes('=') ? text.split('=') : [null, text];
    return {
      key: key === null || key === undefined ? null : Buffer.from(key),
      value: value === '' ? null : Buffer.from(value!),
      timestamp,
    };
  });
  if (producer === undefined) return buildBatch(records);
  return buildBatch(records, {
    producerId: producer.id,
    producerEpoch: producer.epoch ?? 0,
    baseSequence: producer.sequence,
    attributes: attributesOf({ transactional: producer.transactional ?? false }),
  });
}

export const append = (log: PartitionLog, values: readonly string[], timestamp = 1000, producer?: Producer) =>
  log.appendAsLeader(batch(values, timestamp, producer), 0, timestamp, 'client');

export const marker = (log: PartitionLog, producerId: number, committed: boolean) =>
  log.appendAsLeader(
    buildTxnMarker({ producerId, producerEpoch: 0, committed, coordinatorEpoch: 1 }, 1000),
    0,
    1000,
    'coordinator',
  );

/** All records from an offset on, as `offset:value`. */
export function contents(log: PartitionLog, from = log.logStartOffset): readonly string[] {
  const found: string[] = [];
  for (let offset = from; offset < log.logEndOffset;) {
    const bytes = log.read(offset, { maxBytes: 1_000_000, limitOffset: log.logEndOffset, atLeastOne: true });
    const batches = splitBatches(bytes);
    if (batches.length === 0) break;
    for (const each of batches) {
      for (const record of readRecords(each)) {
        if (record.offset >= from) found.push(`${record.offset}:${record.value?.toString() ?? '-'}`);
      }
    }
    offset = batches.at(-1)!.header.lastOffset + 1;
  }
  return found;
}
