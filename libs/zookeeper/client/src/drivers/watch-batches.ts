/** Telling a new connection about many watches without a request over the server's limit (ZOOKEEPER-706). */
import type { WatchLists } from '../driver.js';

/** Path bytes in one request, as in Apache's client; the last path may go over it. */
const BATCH_BYTES = 128 * 1024;
const LENGTH_BYTES = 4;

/** In the order of their fields in SetWatches2. */
const kinds = ['data', 'exists', 'children', 'persistent', 'recursive'] as const satisfies (keyof WatchLists)[];

export function watchBatches(watches: WatchLists, batchBytes: number = BATCH_BYTES): WatchLists[] {
  const batches: WatchLists[] = [];
  let batch = emptyBatch();
  let bytes = 0;
  for (const kind of kinds) {
    for (const path of watches[kind]) {
      if (bytes >= batchBytes) {
        batches.push(batch);
        batch = emptyBatch();
        bytes = 0;
      }
      batch[kind].push(path);
      bytes += LENGTH_BYTES + Buffer.byteLength(path);
    }
  }
  if (bytes > 0) batches.push(batch);
  return batches;
}

function emptyBatch(): Record<(typeof kinds)[number], string[]> {
  return { data: [], exists: [], children: [], persistent: [], recursive: [] };
}
