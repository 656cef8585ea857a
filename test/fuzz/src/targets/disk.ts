/** What is read from disks: logs, snapshots, transactions. */
import { isDeepStrictEqual } from 'node:util';
import * as zk from '@menagerie/zookeeper-protocol';
import { LogReader, SnapshotStreamDecoder } from '@menagerie/zookeeper-protocol';
import { check, type Target } from '../target.js';
import { capturedFile } from './captures.js';
import { MAX_FIELD_BYTES, protocol, sameInPieces } from './support.js';

const covers = 'zookeeper/protocol/dist';

/** Without most of the zeros that a log is laid out with. */
function capturedLog(): Buffer {
  const log = capturedFile('log.bin');
  let end = log.length;
  while (end > 0 && log[end - 1] === 0) end--;
  return log.subarray(0, end + 64);
}

const records = (log: Buffer): Buffer[] => new LogReader().push(log).map(({ bytes }) => Buffer.from(bytes));

export const diskTargets: readonly Target[] = [
  {
    name: 'log',
    covers,
    seeds: () => [capturedLog()],
    run: (input) => {
      sameInPieces(input, (chunks) => {
        const reader = new LogReader({ maxRecordBytes: MAX_FIELD_BYTES });
        const read = chunks.flatMap((chunk) => reader.push(chunk));
        return {
          read: read.map(({ offset, zxid, bytes }) => ({ offset, zxid, bytes: Buffer.from(bytes) })),
          end: reader.end(),
        };
      });
    },
  },
  {
    name: 'txn',
    covers,
    seeds: () => records(capturedLog()),
    run: (input) => {
      const { header, txn, digest } = protocol(() => zk.decodeTxnRecord(input, MAX_FIELD_BYTES));
      const again = zk.decodeTxnRecord(zk.encodeTxnRecord(header, txn, digest));
      check(isDeepStrictEqual(again, { header, txn, digest }), 'a transaction does not come back');
    },
  },
  ...(['file', 'network'] as const).map((form): Target => ({
    name: `snapshot-${form}`,
    covers,
    seeds: () => [capturedFile('snapshot.bin').subarray(form === 'file' ? 0 : 16)],
    run: (input) => {
      sameInPieces(input, (chunks) => {
        const decoder = new SnapshotStreamDecoder({ form, maxFieldBytes: MAX_FIELD_BYTES });
        const items: zk.SnapshotItem[] = [];
        for (const chunk of chunks) {
          // Behind the end of one on the wire come packets, which are another decoder's.
          if (form === 'network' && decoder.done) break;
          items.push(...decoder.push(chunk));
        }
        return { items, end: form === 'file' ? decoder.end() : decoder.done };
      });
    },
  })),
];
