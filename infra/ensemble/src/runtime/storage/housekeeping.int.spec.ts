import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { makeZxid } from '../../core/contract/index.js';
import {
  createNode,
  openStorage,
  recordingLog,
  scratchDirectory,
  storageConfig,
  type OpenStorage,
} from '../__fixtures__/disk.js';
import { loadEpochs, saveEpoch } from './epoch-files.js';

const SMALL = { preAllocBytes: 64 * 1024 };

async function snapshotAfter({ write, snapshot }: OpenStorage, counter: number): Promise<void> {
  await write(createNode(1, counter));
  await snapshot();
}

describe('purge', () => {
  it('keeps three snapshots and the one log that begins before the oldest of them', async () => {
    const directory = scratchDirectory();
    const opened = await openStorage(storageConfig(directory, SMALL));
    for (let counter = 1; counter <= 5; counter++) await snapshotAfter(opened, counter);
    await opened.write(createNode(1, 6));
    await opened.storage.purge();
    const left = readdirSync(join(directory, 'version-2')).filter((name) => /^(log|snapshot)\./.test(name));
    expect(left.sort()).toEqual([
      'log.100000003',
      'log.100000004',
      'log.100000005',
      'log.100000006',
      'snapshot.100000003',
      'snapshot.100000004',
      'snapshot.100000005',
    ]);
  });

  it('does not count a damaged snapshot among those to keep', async () => {
    const directory = scratchDirectory();
    const opened = await openStorage(storageConfig(directory, SMALL));
    for (let counter = 1; counter <= 4; counter++) await snapshotAfter(opened, counter);
    writeFileSync(join(directory, 'version-2', 'snapshot.100000003'), 'damaged');
    await opened.storage.purge();
    const left = readdirSync(join(directory, 'version-2')).filter((name) => name.startsWith('snapshot.'));
    expect(left.sort()).toEqual([
      'snapshot.100000001',
      'snapshot.100000002',
      'snapshot.100000003',
      'snapshot.100000004',
    ]);
  });
});

describe('epoch files', () => {
  const epochs = async (lastZxid: bigint, files: Record<string, string>) => {
    const directory = scratchDirectory();
    for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
    return loadEpochs(directory, lastZxid);
  };

  it('are made from the last zxid when there are none', async () => {
    expect(await epochs(makeZxid(5, 3), {})).toEqual({ acceptedEpoch: 5, currentEpoch: 5 });
    expect(await epochs(-1n, {})).toEqual({ acceptedEpoch: 0, currentEpoch: 0 });
  });

  it('are replaced as a whole', async () => {
    const directory = scratchDirectory();
    await saveEpoch(directory, 'accepted', 12);
    await saveEpoch(directory, 'accepted', 13);
    expect(readdirSync(directory)).toEqual(['acceptedEpoch']);
    expect(readFileSync(join(directory, 'acceptedEpoch'), 'utf8')).toBe('13');
  });

  it('may be behind the log: it is made durable first (ZOOKEEPER-4643)', async () => {
    expect(await epochs(makeZxid(5, 3), { currentEpoch: '4', acceptedEpoch: '5' })).toEqual({
      acceptedEpoch: 5,
      currentEpoch: 4,
    });
  });

  it('finish a rename that a crash interrupted (ZOOKEEPER-4269)', async () => {
    expect(await epochs(makeZxid(5, 3), { currentEpoch: '4', 'currentEpoch.tmp': '5', acceptedEpoch: '5' })).toEqual({
      acceptedEpoch: 5,
      currentEpoch: 5,
    });
  });

  it.each([
    [
      { currentEpoch: '6', acceptedEpoch: '5' },
      /acceptedEpoch: expected an epoch of at least 6 as in currentEpoch, found 5/,
    ],
    [
      { currentEpoch: '4', acceptedEpoch: '4' },
      /expected an epoch of at least 5 as in the last zxid 0x500000003, found 4/,
    ],
    [{ currentEpoch: 'x', acceptedEpoch: '4' }, /currentEpoch: expected an epoch, found "x"/],
  ])('that break a promise are refused: %o', async (files, problem) => {
    await expect(epochs(makeZxid(5, 3), files)).rejects.toThrow(problem);
  });
});

describe('directories', () => {
  it('are used by one server at a time', async () => {
    const config = storageConfig(scratchDirectory());
    const first = await openStorage(config);
    await expect(openStorage(config)).rejects.toThrow(
      /expected a directory of our own, found one that another running server uses/,
    );
    await first.storage.close();
    await openStorage(config);
  });

  it('of another server are refused', async () => {
    const config = storageConfig(scratchDirectory());
    await (await openStorage(config, { serverId: 1 })).storage.close();
    await expect(openStorage(config, { serverId: 2 })).rejects.toThrow(
      /expected data of server 2 as in myid, found data of server 1/,
    );
    await openStorage(config, { serverId: 1 });
  });

  it('that were exchanged are refused (ZOOKEEPER-2967)', async () => {
    const [data, logs] = [scratchDirectory(), scratchDirectory()];
    const first = await openStorage(storageConfig(data, { ...SMALL, dataLogDir: logs }));
    await first.write(createNode(1, 1));
    await first.storage.close();
    await expect(openStorage(storageConfig(logs, { dataLogDir: data }))).rejects.toThrow(
      /expected only .*, found .*: are dataDir and dataLogDir exchanged\?/,
    );
  });

  it('are made when they are missing, unless that is switched off', async () => {
    const parent = scratchDirectory();
    await openStorage(storageConfig(join(parent, 'a', 'b')));
    expect(existsSync(join(parent, 'a', 'b', 'version-2', 'snapshot.0'))).toBe(true);
    await expect(openStorage(storageConfig(join(parent, 'c'), { dataDirAutocreate: false }))).rejects.toThrow(
      /expected this directory, found none/,
    );
  });

  it('with a file in their place are refused', async () => {
    const directory = scratchDirectory();
    writeFileSync(join(directory, 'version-2'), '');
    await expect(openStorage(storageConfig(directory))).rejects.toThrow(/expected a directory, found a file/);
  });
});

describe('a server without data', () => {
  it('does not vote when it may have lost its disk, until it is told that it is new', async () => {
    const directory = scratchDirectory();
    const config = storageConfig(directory, { dbAutocreate: false });
    const first = await openStorage(config);
    expect(first.lastLoggedZxid).toBe(-1n);
    await first.storage.close();
    writeFileSync(join(directory, 'initialize'), '');
    const second = await openStorage(config);
    expect(second.lastLoggedZxid).toBe(0n);
    expect(existsSync(join(directory, 'initialize'))).toBe(false);
  });
});

describe('a server that had data and has none', () => {
  it('does not start, since its vote could undo what it has acknowledged, unless it is told to begin anew', async () => {
    const directory = scratchDirectory();
    const config = storageConfig(directory);
    mkdirSync(join(directory, 'version-2'));
    for (const name of ['currentEpoch', 'acceptedEpoch']) writeFileSync(join(directory, 'version-2', name), '7');
    await expect(openStorage(config, { serverId: 1 })).rejects.toThrow(
      /expected data up to epoch 7 as in currentEpoch/,
    );
    writeFileSync(join(directory, 'initialize'), '');
    expect((await openStorage(config, { serverId: 1 })).lastLoggedZxid).toBe(0n);
  });
});

describe('a disk that says no', () => {
  it('ends everything once, and nothing is said to be durable', async () => {
    const directory = scratchDirectory();
    const { storage, next, inputs } = await openStorage(storageConfig(directory, SMALL), { log: recordingLog() });
    rmSync(join(directory, 'version-2'), { recursive: true });
    storage.appendToLog(makeZxid(1, 1), createNode(1, 1).bytes);
    storage.saveEpoch('accepted', 1);
    storage.appendToLog(makeZxid(1, 2), createNode(1, 2).bytes);
    storage.flush();
    expect(await next('storageFailed')).toMatchObject({ what: expect.stringContaining('log.100000001') });
    await storage.close();
    expect(inputs.map(({ kind }) => kind)).toEqual(['storageFailed']);
  });
});

describe('a compressed snapshot of Apache', () => {
  it('is read when it is gzip', async () => {
    const directory = scratchDirectory();
    const first = await openStorage(storageConfig(directory, SMALL));
    await snapshotAfter(first, 1);
    await first.storage.close();
    const plain = join(directory, 'version-2', 'snapshot.100000001');
    writeFileSync(`${plain}.gz`, gzipSync(readFileSync(plain)));
    rmSync(plain);
    const second = await openStorage(storageConfig(directory, SMALL));
    expect(second.lastLoggedZxid).toBe(makeZxid(1, 1));
  });
});
