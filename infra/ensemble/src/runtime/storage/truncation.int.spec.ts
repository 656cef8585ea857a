import { copyFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { makeZxid, type Proposal } from '../../core/contract/index.js';
import { createNode, openStorage, scratchDirectory, storageConfig, type OpenStorage } from '../__fixtures__/disk.js';

const SMALL = { preAllocBytes: 64 * 1024 };
const range = (epoch: number, from: number, to: number): Proposal[] =>
  Array.from({ length: to - from + 1 }, (_, i) => createNode(epoch, from + i));

async function server(): Promise<{ directory: string; opened: OpenStorage }> {
  const directory = scratchDirectory();
  return { directory, opened: await openStorage(storageConfig(directory, SMALL)) };
}

const names = (directory: string) =>
  readdirSync(join(directory, 'version-2'))
    .filter((name) => /^(log|snapshot)\./.test(name))
    .sort();

/** The state is a leader's, with a hole in the log before it. */
async function takeOver({ storage, next }: OpenStorage): Promise<void> {
  storage.saveSnapshot(1);
  await next('snapshotSaved');
}

/** Digest of a database that holds exactly these. */
async function digestOf(...proposals: Proposal[]): Promise<bigint> {
  const { database } = await openStorage(storageConfig(scratchDirectory()));
  for (const one of proposals) database.apply(one);
  return database.treeDigest;
}

describe('truncation', () => {
  it('cuts the log in the middle of a file, and what is logged next can be read (ZOOKEEPER-1489)', async () => {
    const { directory, opened } = await server();
    await opened.write(...range(1, 1, 10));
    opened.storage.truncateLog(makeZxid(1, 4));
    expect(await opened.next('truncated')).toEqual({ kind: 'truncated', zxid: makeZxid(1, 4) });
    expect(opened.database.lastProcessedZxid).toBe(makeZxid(1, 4));
    await opened.write(...range(2, 1, 3));
    expect(names(directory)).toEqual(['log.100000001', 'log.200000001', 'snapshot.0']);
    await opened.storage.close();
    const again = await openStorage(storageConfig(directory, SMALL));
    expect(again.lastLoggedZxid).toBe(makeZxid(2, 3));
    expect(again.database.treeDigest).toBe(await digestOf(...range(1, 1, 4), ...range(2, 1, 3)));
  });

  it('drops the snapshots that hold what is cut, so that it can not come back (ZOOKEEPER-1549, 4837)', async () => {
    const { directory, opened } = await server();
    await opened.write(...range(1, 1, 5));
    await opened.snapshot();
    await opened.write(...range(1, 6, 10));
    await opened.snapshot();
    await opened.write(...range(1, 11, 12));
    opened.storage.truncateLog(makeZxid(1, 7));
    await opened.next('truncated');
    expect(names(directory)).toEqual(['log.100000001', 'log.100000006', 'snapshot.0', 'snapshot.100000005']);
    expect(opened.database.treeDigest).toBe(await digestOf(...range(1, 1, 7)));
  });

  it('to the very zxid of a snapshot needs no log', async () => {
    const { opened } = await server();
    await opened.write(...range(1, 1, 5));
    await opened.snapshot();
    await opened.write(...range(1, 6, 6));
    opened.storage.truncateLog(makeZxid(1, 5));
    expect((await opened.next('truncated')).zxid).toBe(makeZxid(1, 5));
  });

  it('changes nothing when the log does not hold the very transaction', async () => {
    const { directory, opened } = await server();
    await opened.write(...range(1, 1, 5), ...range(3, 1, 2));
    const before = names(directory);
    opened.storage.truncateLog(makeZxid(2, 3));
    expect((await opened.next('truncated')).zxid).toBeNull();
    expect(names(directory)).toEqual(before);
    await opened.write(createNode(3, 3));
    expect(opened.database.lastProcessedZxid).toBe(makeZxid(3, 3));
  });

  it('to the start of an epoch, which is no transaction, ends behind the epoch before', async () => {
    const { opened } = await server();
    await opened.write(...range(1, 1, 5), ...range(2, 1, 2));
    opened.storage.truncateLog(makeZxid(2, 0));
    expect((await opened.next('truncated')).zxid).toBe(makeZxid(2, 0));
    expect(opened.database.treeDigest).toBe(await digestOf(...range(1, 1, 5)));
  });

  it('refuses the hole that a snapshot from a leader leaves in the log', async () => {
    const { opened } = await server();
    await opened.write(...range(1, 1, 3));
    opened.database.advanceTo(makeZxid(2, 7));
    await takeOver(opened);
    await opened.write(...range(2, 8, 9));
    for (const [to, expected] of [
      [makeZxid(1, 3), null],
      [makeZxid(2, 0), null],
      [makeZxid(2, 5), null],
      [makeZxid(2, 8), makeZxid(2, 8)],
      [makeZxid(2, 7), makeZxid(2, 7)],
    ] as const) {
      opened.storage.truncateLog(to);
      expect((await opened.next('truncated')).zxid).toBe(expected);
    }
  });
});

describe('a snapshot from a leader, saved', () => {
  it('is where recovery begins, and takes the later history with it', async () => {
    const { directory, opened } = await server();
    await opened.write(...range(1, 1, 5));
    await opened.snapshot();
    await opened.write(...range(1, 6, 9));
    opened.database.clear();
    for (const one of range(1, 1, 3)) opened.database.apply(one);
    opened.storage.saveSnapshot(2);
    expect((await opened.next('snapshotSaved')).zxid).toBe(makeZxid(1, 3));
    expect(names(directory)).toEqual(['snapshot.100000003']);
    await opened.write(createNode(1, 4));
    await opened.storage.close();
    const again = await openStorage(storageConfig(directory, SMALL));
    expect(again.recovered).toMatchObject({ snapshotZxid: makeZxid(1, 3), transactions: 1 });
  });

  it('leaves no hole that the first transaction of a later epoch would seem to close', async () => {
    const { directory, opened } = await server();
    await opened.write(...range(5, 1, 26));
    opened.database.advanceTo(makeZxid(8, 0));
    await takeOver(opened);
    await opened.write(...range(8, 1, 2));
    opened.storage.readLog(1, makeZxid(5, 20), makeZxid(8, 2));
    expect((await opened.next('logRead')).records).toBeNull();
    expect(names(directory)).toEqual(['log.800000001', 'snapshot.800000000']);
  });

  it('is all that a recovery keeps when a crash came before the rest was dropped, also in the same file', async () => {
    const { directory, opened } = await server();
    await opened.write(...range(5, 1, 3));
    await opened.snapshot();
    await opened.write(...range(5, 4, 6), ...range(8, 1, 2));
    await opened.storage.close();
    // What Apache leaves: the snapshot of its leader, and both histories in one log.
    const other = scratchDirectory();
    const elsewhere = await openStorage(storageConfig(other, SMALL));
    elsewhere.database.advanceTo(makeZxid(8, 0));
    await elsewhere.snapshot();
    await elsewhere.storage.close();
    copyFileSync(join(other, 'version-2', 'snapshot.800000000'), join(directory, 'version-2', 'snapshot.800000000'));
    const again = await openStorage(storageConfig(directory, SMALL));
    expect(again.recovered).toMatchObject({ snapshotZxid: makeZxid(8, 0), transactions: 2 });
    expect(names(directory)).toEqual(['log.800000001', 'snapshot.800000000']);
    await again.write(createNode(8, 3));
    await again.storage.close();
    const once = await openStorage(storageConfig(directory, SMALL));
    expect(once.recovered).toMatchObject({ snapshotZxid: makeZxid(8, 0), transactions: 3 });
  });

  it('that broke off half-way leaves a state that can be read from the disk again (ZOOKEEPER-3642)', async () => {
    const { opened } = await server();
    await opened.write(...range(1, 1, 9));
    const { treeDigest } = opened.database;
    opened.database.beginLoad();
    opened.storage.reloadDatabase();
    expect(await opened.next('reloaded')).toEqual({ kind: 'reloaded', zxid: makeZxid(1, 9) });
    expect(opened.database.treeDigest).toBe(treeDigest);
    await opened.write(createNode(1, 10));
  });
});

describe('the log read back', () => {
  const readBack = async ({ storage, next }: OpenStorage, from: bigint, to: bigint) => {
    storage.readLog(1, from, to);
    return (await next('logRead')).records?.map(({ zxid }) => zxid) ?? null;
  };

  it('gives exactly what was asked for, across files and while it is written', async () => {
    const { opened } = await server();
    await opened.write(...range(1, 1, 3));
    await opened.snapshot();
    await opened.write(...range(1, 4, 4), ...range(2, 1, 2));
    opened.storage.appendToLog(makeZxid(2, 3), createNode(2, 3).bytes);
    expect(await readBack(opened, makeZxid(1, 2), makeZxid(2, 3))).toEqual([
      makeZxid(1, 3),
      makeZxid(1, 4),
      makeZxid(2, 1),
      makeZxid(2, 2),
      makeZxid(2, 3),
    ]);
    expect(await readBack(opened, makeZxid(2, 0), makeZxid(2, 1))).toEqual([makeZxid(2, 1)]);
  });

  it('is nothing when it does not hold the start, or does not reach the end, or has a hole (ZOOKEEPER-2418)', async () => {
    const { opened } = await server();
    await opened.write(...range(1, 1, 3));
    expect(await readBack(opened, makeZxid(1, 2), makeZxid(1, 3))).toEqual([makeZxid(1, 3)]);
    opened.database.advanceTo(makeZxid(1, 6));
    await takeOver(opened);
    await opened.write(createNode(1, 7));
    expect(await readBack(opened, makeZxid(1, 5), makeZxid(1, 7))).toBeNull();
    expect(await readBack(opened, makeZxid(1, 2), makeZxid(1, 7))).toBeNull();
    expect(await readBack(opened, makeZxid(1, 7), makeZxid(1, 8))).toBeNull();
  });

  it('is nothing when it is more than a snapshot is worth', async () => {
    const { opened } = await server();
    await opened.write(
      createNode(1, 1),
      createNode(1, 2, Buffer.alloc(900_000)),
      createNode(1, 3, Buffer.alloc(900_000)),
    );
    expect(await readBack(opened, makeZxid(1, 1), makeZxid(1, 2))).toEqual([makeZxid(1, 2)]);
    expect(await readBack(opened, makeZxid(1, 1), makeZxid(1, 3))).toBeNull();
  });
});
