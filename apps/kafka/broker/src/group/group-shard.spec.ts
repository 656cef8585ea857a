import { ErrorCode, buildTxnMarker, placeBatch, splitBatches } from '@menagerie/kafka-protocol';
import { createLogger } from '@menagerie/service';
import { describe, expect, it } from 'vitest';

import type { Partition } from '../replica/partition.js';
import { GroupShard } from './group-shard.js';

const SETTINGS = { minSessionTimeoutMs: 1, maxSessionTimeoutMs: 60_000, initialRebalanceDelayMs: 0, maxSize: 10 };
const logger = createLogger({ name: 'kafka/broker', level: 'silent' });
const AT = { topic: 'orders', partition: 0 };
const TRANSACTION = { producerId: 7, producerEpoch: 0 };

/** Takes everything at once, and tells that it is replicated when the test says so. */
function slowlyReplicated() {
  let replicated = () => {};
  const committed = new Promise<ErrorCode>((resolve) => (replicated = () => resolve(ErrorCode.NONE)));
  const partition = { append: () => ({ lastOffset: 0 }), committed: () => committed };
  return { partition: partition as unknown as Partition, replicated };
}

const offset = (value: number) => ({
  ...AT,
  committed: { offset: value, leaderEpoch: -1, metadata: '', commitTimestampMs: 0 },
});

function marker(committed: boolean) {
  const bytes = buildTxnMarker({ ...TRANSACTION, committed, coordinatorEpoch: 0 }, 0);
  placeBatch(bytes, 1, 0);
  return splitBatches(bytes)[0]!;
}

describe('offsets of a transaction', () => {
  it('that is aborted before they are replicated go with it, and not with the next one that commits', async () => {
    const { partition, replicated } = slowlyReplicated();
    const options = { settings: SETTINGS, commitTimeoutMs: 1, offsetsRetentionMs: 1, logger };
    const shard = new GroupShard(partition, 0, options);
    const entry = shard.getOrCreate('readers');
    const answered = shard.commit(entry, [offset(5)], TRANSACTION);
    shard.markerWritten(marker(false));
    replicated();
    expect(await answered).toBe(ErrorCode.NONE);
    shard.markerWritten(marker(true));
    expect(entry.get(AT)).toBeNull();
  });
});
