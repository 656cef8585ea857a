import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeLogHeader, LOG_HEADER_BYTES, LOG_RECORD_OVERHEAD_BYTES } from '@menagerie/zookeeper-protocol';
import { makeZxid, type Proposal } from '../../core/contract/index.js';
import { createDatabase, type ReplicatedDatabase } from '../../core/database/index.js';
import {
  createNode,
  openStorage,
  scratchDirectory,
  storageConfig,
  withDigest,
  type OpenStorage,
} from '../__fixtures__/disk.js';
import { writeSnapshot } from './snapshot-file.js';

const SMALL = { preAllocBytes: 64 * 1024 };

const range = (epoch: number, from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => createNode(epoch, from + i));

/** Where the nth of the first nine transactions of epoch 1 begins in its log. */
const recordAt = (n: number) =>
  LOG_HEADER_BYTES + (n - 1) * (createNode(1, 1).bytes.length + LOG_RECORD_OVERHEAD_BYTES);

const files = (directory: string, prefix: string) =>
  readdirSync(join(directory, 'version-2')).filter((name) => name.startsWith(`${prefix}.`));

/** A database that holds exactly these. */
function filled(proposals: readonly Proposal[]): ReplicatedDatabase {
  const database = createDatabase();
  for (const one of proposals) database.apply(one);
  return database;
}

const digestOf = (proposals: readonly Proposal[]): bigint => filled(proposals).treeDigest;

/** Closes, and opens again what is on the disk. */
async function reopen(opened: OpenStorage, directory: string, more = {}): Promise<OpenStorage> {
  await opened.storage.close();
  return openStorage(storageConfig(directory, { ...SMALL, ...more }));
}

const file = (directory: string, name: string) => join(directory, 'version-2', name);

describe('storage', () => {
  it('of a new server holds a snapshot of nothing, so that a log alone is never a new server', async () => {
    const directory = scratchDirectory();
    const { recovered, lastLoggedZxid } = await openStorage(storageConfig(directory));
    expect(recovered.isEmpty).toBe(true);
    expect(lastLoggedZxid).toBe(0n);
    expect(files(directory, 'snapshot')).toEqual(['snapshot.0']);
  });

  it('brings back everything that was durable, with the same digest', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(...range(1, 1, 100));
    const second = await reopen(first, directory);
    expect(second.lastLoggedZxid).toBe(makeZxid(1, 100));
    expect(second.recovered.transactions).toBe(100);
    expect(second.database.treeDigest).toBe(first.database.treeDigest);
  });

  it('names a log after its first transaction and grows it in steps of zeros', async () => {
    const directory = scratchDirectory();
    const { write, storage } = await openStorage(storageConfig(directory, SMALL));
    await write(createNode(1, 1));
    expect(files(directory, 'log')).toEqual(['log.100000001']);
    expect(statSync(file(directory, 'log.100000001')).size).toBe(64 * 1024);
    await write(createNode(1, 2, Buffer.alloc(100_000, 1)));
    expect(statSync(file(directory, 'log.100000001')).size).toBe(128 * 1024);
    await storage.close();
  });

  it('waits with one fdatasync for everything that was appended before it', async () => {
    const { storage, next, database } = await openStorage(storageConfig(scratchDirectory(), SMALL));
    for (const one of range(1, 1, 500)) {
      storage.appendToLog(one.zxid, one.bytes);
      database.apply(one);
    }
    storage.flush();
    expect((await next('durable')).zxid).toBe(makeZxid(1, 500));
    expect(storage.stats.fsync.count).toBe(1);
  });

  it('takes a snapshot when one is due, rolls the log there, and starts from it', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, { ...SMALL, snapCount: 100 }));
    await first.write(...range(1, 1, 80));
    expect(first.storage.wantsSnapshot).toBe(true);
    await first.snapshot();
    await first.write(...range(1, 81, 90));
    const second = await reopen(first, directory);
    expect(second.recovered).toEqual({ snapshotZxid: makeZxid(1, 80), transactions: 10, isEmpty: false });
    expect(files(directory, 'log').sort()).toEqual(['log.100000001', 'log.100000051']);
    expect(second.database.treeDigest).toBe(first.database.treeDigest);
  });

  it('answers in the order of the calls, and does nothing before what was appended is durable', async () => {
    const { storage, inputs, next, database } = await openStorage(storageConfig(scratchDirectory(), SMALL), {
      serverId: 1,
    });
    const [one, two, three] = range(1, 1, 3);
    storage.appendToLog(one!.zxid, one!.bytes);
    storage.saveEpoch('current', 1);
    storage.appendToLog(two!.zxid, two!.bytes);
    storage.readLog(7, makeZxid(1, 1), makeZxid(1, 2));
    storage.flush();
    await next('logRead');
    storage.appendToLog(three!.zxid, three!.bytes);
    storage.flush();
    await next('durable');
    expect(database.lastProcessedZxid).toBe(0n);
    expect(
      inputs.map((input) => ('zxid' in input ? `${input.kind} ${(input.zxid ?? 0n) & 0xffn}` : input.kind)),
    ).toEqual(['durable 1', 'epochSaved', 'durable 2', 'logRead', 'durable 3']);
  });
});

describe('storage after a crash', () => {
  it('cuts off a record that was being written, and says so', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(...range(1, 1, 10));
    const whole = readFileSync(file(directory, 'log.100000001'));
    const end = whole.lastIndexOf('B') + 1;
    await first.storage.close();
    writeFileSync(file(directory, 'log.100000001'), Buffer.concat([whole.subarray(0, end - 20), Buffer.alloc(500)]));
    const second = await openStorage(storageConfig(directory, SMALL));
    expect(second.lastLoggedZxid).toBe(makeZxid(1, 9));
    expect(second.log.lines.map(({ event }) => event)).toContain(
      'cutting off an interrupted write at the end of the log',
    );
    await second.write(...range(1, 10, 12));
    const third = await reopen(second, directory);
    expect(third.lastLoggedZxid).toBe(makeZxid(1, 12));
    expect(third.log.lines).toEqual([]);
  });

  it('cuts off a record of which a sector never reached the disk', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(createNode(1, 1), createNode(1, 2, Buffer.alloc(3000, 7)));
    await first.storage.close();
    const bytes = readFileSync(file(directory, 'log.100000001'));
    bytes.fill(0, 1024, 1536);
    writeFileSync(file(directory, 'log.100000001'), bytes);
    const second = await openStorage(storageConfig(directory, SMALL));
    expect(second.lastLoggedZxid).toBe(makeZxid(1, 1));
  });

  it('refuses damage with good records behind it: file, offset and zxid', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(...range(1, 1, 10));
    await first.storage.close();
    const bytes = readFileSync(file(directory, 'log.100000001'));
    bytes[recordAt(2) + 40]! ^= 1;
    writeFileSync(file(directory, 'log.100000001'), bytes);
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(
      /log\.100000001: expected the checksum .* \(at byte 106 of the log, after zxid 0x100000001\), but a good record, zxid 0x100000003, follows at byte 196$/,
    );
  });

  it('refuses a flipped bit in the last record, which may have been acknowledged', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(createNode(1, 1));
    await first.storage.close();
    const bytes = readFileSync(file(directory, 'log.100000001'));
    bytes[recordAt(1) + 40]! ^= 0x10;
    writeFileSync(file(directory, 'log.100000001'), bytes);
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(/log\.100000001: expected the checksum/);
  });

  it('refuses a hole of zeros with transactions behind it', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(...range(1, 1, 10));
    await first.storage.close();
    const bytes = readFileSync(file(directory, 'log.100000001'));
    bytes.fill(0, recordAt(2), recordAt(3));
    writeFileSync(file(directory, 'log.100000001'), bytes);
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(
      /expected a record, found none \(at byte 106 of the log, after zxid 0x100000001\), but a good record, zxid 0x100000003, follows/,
    );
  });

  it('removes a log that got no transaction (ZOOKEEPER-2332)', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(createNode(1, 1));
    await first.storage.close();
    for (const [name, content] of [
      ['log.100000002', ''],
      ['log.100000002', 'ZKLG'],
    ] as const) {
      writeFileSync(file(directory, name), content);
      const again = await openStorage(storageConfig(directory, SMALL));
      expect(files(directory, 'log')).toEqual(['log.100000001']);
      await again.storage.close();
    }
  });

  it('removes a log of which a crash left a part of the header, zeros behind it', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(createNode(1, 1));
    await first.storage.close();
    for (let left = 1; left < LOG_HEADER_BYTES; left++) {
      const torn = Buffer.concat([encodeLogHeader().subarray(0, left), Buffer.alloc(8192 - left)]);
      writeFileSync(file(directory, 'log.100000002'), torn);
      const again = await openStorage(storageConfig(directory, SMALL));
      expect(again.lastLoggedZxid).toBe(makeZxid(1, 1));
      expect(files(directory, 'log')).toEqual(['log.100000001']);
      await again.storage.close();
    }
  });

  it('refuses a header cut short that no crash can have left: of an older file, or with something behind it', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(createNode(1, 1));
    await first.storage.close();
    const torn = Buffer.concat([encodeLogHeader().subarray(0, 2), Buffer.alloc(8190)]);
    const refused = /expected the magic "ZKLG", got 0x5a4b0000/;
    writeFileSync(file(directory, 'log.100000002'), torn);
    writeFileSync(file(directory, 'log.200000001'), encodeLogHeader());
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(refused);
    rmSync(file(directory, 'log.200000001'));
    torn[5000] = 1;
    writeFileSync(file(directory, 'log.100000002'), torn);
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(refused);
  });

  it('refuses a log whose transactions do not follow each other', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(...range(1, 1, 3));
    first.storage.appendToLog(makeZxid(1, 5), createNode(1, 5).bytes);
    await first.storage.close();
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(
      /log\.100000001: expected zxid 0x100000004 or the first of a new epoch at byte \d+, found 0x100000005: transactions are missing/,
    );
  });

  it('refuses logs without a snapshot (ZOOKEEPER-2325), unless told to trust them', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(...range(1, 1, 3));
    await first.storage.close();
    rmSync(file(directory, 'snapshot.0'));
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(
      /expected a snapshot, found none and 1 logs from log\.100000001 on/,
    );
    const trusting = await openStorage(storageConfig(directory, { trustEmptySnapshot: true }));
    expect(trusting.lastLoggedZxid).toBe(makeZxid(1, 3));
    expect(files(directory, 'snapshot')).toEqual(['snapshot.100000003']);
  });

  it.each([
    ['cut short', (path: string) => truncateSync(path, statSync(path).size - 3)],
    ['with a flipped bit', (path: string) => flip(path, 60)],
    // Without `SnapshotContentError` in recovery.ts the server stops here instead (seed 1237 of the simulator).
    ['with a flipped bit that makes it a tree without a trunk', (path: string) => orphan(path, '/1-4', '/1/4')],
    ['empty', (path: string) => truncateSync(path, 0)],
  ])('falls back to an older snapshot when the newest is %s', async (_, damage) => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await first.write(...range(1, 1, 5));
    await first.snapshot();
    await first.write(...range(1, 6, 8));
    await first.storage.close();
    damage(file(directory, 'snapshot.100000005'));
    const second = await openStorage(storageConfig(directory, SMALL));
    expect(second.recovered).toMatchObject({ snapshotZxid: 0n, transactions: 8 });
    expect(second.database.treeDigest).toBe(first.database.treeDigest);
    expect(second.log.lines[0]?.event).toBe('snapshot can not be used, trying an older one');
  });

  // Apache's changes the tree first, then notes the digest, while another thread writes the snapshot.
  it('starts from a snapshot one transaction ahead of its digest, and not from one that is otherwise than its digest', async () => {
    const six = range(1, 1, 6);
    const start = async (content: Proposal[], logged: number) => {
      const directory = scratchDirectory();
      const first = await openStorage(storageConfig(directory, SMALL));
      await first.write(...six.slice(0, 5));
      const treeDigest = first.database.treeDigest;
      await first.write(withDigest(six[5]!, digestOf(six)));
      await first.storage.close();
      if (logged === 5) truncateSync(file(directory, 'log.100000001'), recordAt(6));
      const source = filled(content).beginSnapshot()!;
      const told = { zxid: six[4]!.zxid, treeDigest, next: (bytes: number) => source.next(bytes), abort: () => {} };
      await writeSnapshot(join(directory, 'version-2'), told, { withDigest: true, isAborted: () => false });
      const { recovered, database, log } = await openStorage(storageConfig(directory, SMALL));
      expect(database.treeDigest).toBe(digestOf(six.slice(0, logged)));
      return `${recovered.snapshotZxid!.toString(16)} ${log.lines.map(({ event }) => event).join()}`;
    };
    expect(await start(six, 6)).toBe('100000005 ');
    const older = '0 snapshot can not be used, trying an older one';
    expect(await start([...six.slice(0, 5), createNode(2, 1)], 6)).toBe(older);
    expect(await start(six, 5)).toBe(older);
  });

  it('refuses to fall back when no snapshot is valid', async () => {
    const directory = scratchDirectory();
    await (await openStorage(storageConfig(directory))).storage.close();
    truncateSync(file(directory, 'snapshot.0'), 20);
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(/expected a valid snapshot, none of 1 is/);
  });

  it('clears away a snapshot that was being written', async () => {
    const directory = scratchDirectory();
    await (await openStorage(storageConfig(directory))).storage.close();
    writeFileSync(file(directory, '.snapshot.5.tmp'), 'half');
    await openStorage(storageConfig(directory));
    expect(existsSync(file(directory, '.snapshot.5.tmp'))).toBe(false);
  });
});

/** The parent of a node is not there, and what is read says so before the checksum does. */
function orphan(path: string, node: string, instead: string): void {
  const bytes = readFileSync(path);
  bytes.write(instead, bytes.indexOf(node));
  writeFileSync(path, bytes);
}

function flip(path: string, at: number): void {
  const bytes = readFileSync(path);
  bytes[at]! ^= 1;
  writeFileSync(path, bytes);
}
