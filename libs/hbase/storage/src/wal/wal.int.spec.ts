import {
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  copyFileSync,
  mkdirSync,
  appendFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bytes, StorageRig } from '../__fixtures__/rig.js';
import { CellKind } from '../cell/cell.js';
import { namesIn } from '../disk.js';
import { WalBrokenError, WalFencedError } from '../errors.js';
import { decodeLog, type WalEntry } from './entry.js';
import { fenceWalFolder, readRecovered, splitWal } from './split-wal.js';

const entry = (seq: number, region = 'r1'): WalEntry => ({
  region,
  cells: ['f:a', 'f:b'].map((column) => {
    const value = bytes(`${column} of ${seq}`);
    return { row: bytes(`row${seq}`), column: bytes(column), seq, kind: CellKind.put, timestampMs: 1, value };
  }),
});
const seqs = (entries: readonly WalEntry[]): number[] => entries.map(({ cells }) => cells[0]!.seq);

describe('the write-ahead log', () => {
  it('resolves appends in their order, and holds them all', async () => {
    await using rig = new StorageRig();
    const wal = await rig.startWal();
    const resolved: number[] = [];
    await Promise.all([1, 2, 3, 4].map((seq) => wal.append(entry(seq)).then(() => resolved.push(seq))));
    expect(resolved).toEqual([1, 2, 3, 4]);
    expect(decodeLog(readFileSync(wal.file))).toEqual({ entries: [1, 2, 3, 4].map((seq) => entry(seq)), damage: [] });
    await wal.close();
    await expect(wal.append(entry(5))).rejects.toThrow(WalBrokenError);
  });

  it('acknowledges nothing once its folder was renamed, and says so once to its server', async () => {
    await using rig = new StorageRig();
    const told: string[] = [];
    const wal = await rig.startWal({ onLost: ({ code }) => told.push(code) });
    await wal.append(entry(1));
    renameSync(rig.walFolder(), `${rig.walFolder()}-splitting`);
    const late = await Promise.allSettled([wal.append(entry(2)), wal.append(entry(3))]);
    expect(late.map((one) => (one.status === 'rejected' ? (one.reason as Error).name : one.status))).toEqual(
      Array.from({ length: 2 }, () => WalFencedError.name),
    );
    await expect(wal.append(entry(4))).rejects.toThrow(WalFencedError);
    expect(told).toEqual(['HBASE_WAL_FENCED']);
    await wal.close();
  });

  it('cannot begin another file after the rename', async () => {
    await using rig = new StorageRig();
    const wal = await rig.startWal({ rollBytes: 1 });
    await wal.append(entry(1));
    renameSync(rig.walFolder(), `${rig.walFolder()}-splitting`);
    await expect(wal.append(entry(2))).rejects.toThrow(WalFencedError);
    await wal.close();
  });

  it('gives files to the archive when every region has flushed them, the oldest first', async () => {
    await using rig = new StorageRig();
    const queued: string[] = [];
    const wal = await rig.startWal({ rollBytes: 1, onNewFile: async (name) => void queued.push(name) });
    await wal.append(entry(1, 'r1'));
    await wal.append(entry(1, 'r2'));
    await wal.append(entry(2, 'r1'));
    expect(queued).toEqual(wal.files);
    await wal.flushed('r2', 1);
    expect(wal.files).toHaveLength(3);
    await Promise.all([wal.flushed('r1', 1), wal.flushed('r1', 1)]);
    expect(wal.files).toEqual(queued.slice(2));
    expect(await namesIn(rig.archive)).toEqual(queued.slice(0, 2));
    await wal.close();
  });
});

describe('a log that is split', () => {
  it('cut at every byte of its last entry, loses that entry and nothing else', async () => {
    await using rig = new StorageRig();
    const wal = await rig.startWal();
    for (const seq of [1, 2]) await wal.append(entry(seq));
    const before = readFileSync(wal.file).length;
    await wal.append(entry(3));
    const whole = readFileSync(wal.file);
    for (let end = before; end <= whole.length; end++) {
      const { entries, damage } = decodeLog(whole.subarray(0, end));
      const complete = end === whole.length;
      expect(seqs(entries)).toEqual(complete ? [1, 2, 3] : [1, 2]);
      expect(damage).toEqual(
        end === before || complete ? [] : [expect.objectContaining({ torn: true, offset: before })],
      );
    }
    await wal.close();
  });

  it('with any one byte flipped, loses the entry it is in and names what is wrong', async () => {
    await using rig = new StorageRig();
    const wal = await rig.startWal();
    await wal.append(entry(1));
    const second = readFileSync(wal.file).length;
    for (const seq of [2, 3]) await wal.append(entry(seq));
    const whole = readFileSync(wal.file);
    const third = whole.length - second;
    for (let at = second; at < third; at++) {
      const damaged = Buffer.from(whole);
      damaged[at]! ^= 0xff;
      const { entries, damage } = decodeLog(damaged);
      expect(seqs(entries)).toEqual([1, 3]);
      expect(damage).toEqual([expect.objectContaining({ torn: false, offset: second })]);
      expect(damage[0]!.problem).toMatch(/^expected (crc32 [0-9a-f]{8}, got [0-9a-f]{8}|the header of an entry)$/);
    }
    await wal.close();
  });

  it('counts as far as the first worker saw, whatever its late owner still writes', async () => {
    await using rig = new StorageRig();
    const wal = await rig.startWal();
    await wal.append(entry(1, 'r1'));
    await wal.append(entry(1, 'r2'));
    const [log] = await fenceWalFolder(rig.walFolder());
    const folder = (region: string): string => join(rig.root, 'recovered', region);
    expect(await splitWal(log!, folder)).toMatchObject({ regions: 2, entries: 2, damage: [] });
    await wal.append(entry(2, 'r1')).catch(() => undefined);
    expect(decodeLog(readFileSync(log!)).entries).toHaveLength(3);
    // A second worker, as when the first was taken for dead.
    const [again] = await fenceWalFolder(rig.walFolder());
    expect(await splitWal(again!, folder)).toMatchObject({ regions: 2, entries: 2 });
    expect(seqs(await readRecovered(folder('r1')))).toEqual([1]);
    expect(await namesIn(folder('r1'))).toEqual([basename(log!)]);
    await wal.close();
  });

  it('leaves out what belongs to a region that is no more', async () => {
    await using rig = new StorageRig();
    const wal = await rig.startWal();
    await wal.append(entry(1, 'dropped'));
    await wal.close();
    const [log] = await fenceWalFolder(rig.walFolder());
    expect(await splitWal(log!, () => null)).toMatchObject({ entries: 1 });
    expect(await namesIn(rig.root)).toEqual(['WALs', 'oldWALs']);
  });

  it('a damaged file of recovered edits is refused with its name and checksum', async () => {
    await using rig = new StorageRig();
    const wal = await rig.startWal();
    await wal.append(entry(1));
    const folder = join(rig.root, 'recovered');
    mkdirSync(folder);
    copyFileSync(wal.file, join(folder, 'log.0000000001'));
    const damaged = readFileSync(join(folder, 'log.0000000001'));
    damaged[damaged.length - 1]! ^= 1;
    writeFileSync(join(folder, 'log.0000000001'), damaged);
    await expect(readRecovered(folder)).rejects.toThrow(/log\.0000000001 at 0: expected crc32 [0-9a-f]{8}, got/);
    truncateSync(join(folder, 'log.0000000001'), 0);
    appendFileSync(join(folder, 'log.0000000001'), readFileSync(wal.file));
    expect(seqs(await readRecovered(folder))).toEqual([1]);
    await wal.close();
  });
});
