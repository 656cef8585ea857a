import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { all, bytes, plain, put, StorageRig } from '../__fixtures__/rig.js';
import { CellError, CorruptFileError, RegionBusyError, RegionClosedError, RegionLostError } from '../errors.js';
import { ManifestKeeper } from './manifest.js';
import type { RegionLog } from './region.js';

let rig: StorageRig;
const begin = (): StorageRig => (rig = new StorageRig());
afterEach(async () => {
  vi.restoreAllMocks();
  await rig[Symbol.asyncDispose]();
});

const storeFiles = (name = 'r1'): string[] =>
  readdirSync(rig.regionFolder(name))
    .filter((file) => file.endsWith('.store'))
    .map((file) => join(rig.regionFolder(name), file));
/** Acknowledges everything and keeps nothing. */
const noLog: RegionLog = { append: async () => undefined, flushed: async () => undefined };

describe('a region', () => {
  it('gives back what was put, hides what was deleted, and puts again what was deleted', async () => {
    const region = await begin().open(noLog);
    await region.mutate(put('a', { 'f:x': '1', 'f:y': '2' }));
    await region.mutate({ row: bytes('a'), deletes: [bytes('f:x')] });
    expect(plain(await region.get(bytes('a')))).toEqual({ 'f:y': '2' });
    await region.mutate({ row: bytes('a'), deleteRow: true });
    expect(await region.get(bytes('a'))).toBeNull();
    await region.flush();
    await region.mutate({ ...put('a', { 'f:z': '3' }), deleteRow: true, deletes: [bytes('f:z')] });
    expect(plain(await region.get(bytes('a')))).toEqual({ 'f:z': '3' });
    await region.close({ flush: true });
    await expect(region.mutate(put('a', { 'f:z': '4' }))).rejects.toThrow(RegionClosedError);
  });

  it('does what is under a condition once, whoever comes at the same time', async () => {
    const region = await begin().open(noLog);
    const column = bytes('f:owner');
    const won = await Promise.all(
      ['a', 'b', 'c'].map((who) => region.checkAndMutate(column, null, put('lock', { 'f:owner': who }))),
    );
    expect(won).toEqual([true, false, false]);
    await Promise.all(Array.from({ length: 50 }, () => region.increment(bytes('n'), column, 2n)));
    expect(await region.increment(bytes('n'), column, -1n)).toBe(99n);
    await expect(region.increment(bytes('lock'), column, 1n)).rejects.toThrow('expected a counter of 8 bytes, got 1');
    await region.close({ flush: false });
  });

  it('refuses what no cell can hold, with the limit', async () => {
    const region = await begin().open(noLog);
    await expect(region.mutate(put('', { 'f:a': '1' }))).rejects.toThrow('row: expected 1 to 32767 bytes, got 0');
    await expect(region.mutate(put('x'.repeat(32_768), { 'f:a': '' }))).rejects.toThrow(CellError);
    const value = Buffer.alloc(10 * 1_048_576 + 1);
    await expect(region.mutate({ row: bytes('a'), puts: [{ column: bytes('f:a'), value }] })).rejects.toThrow(
      'value: expected at most 10485760 bytes, got 10485761',
    );
    await expect(region.mutate({ row: bytes('a') })).rejects.toThrow('expected something to put or to delete');
    await region.close({ flush: false });
  });

  it('a scan sees one moment, through writes, flushes and compactions', async () => {
    const region = await begin().open(noLog);
    for (const row of ['a', 'b', 'c', 'd']) await region.mutate(put(row, { 'f:v': 'old' }));
    await region.flush();
    const scan = region.scan({ start: bytes('b'), stop: bytes('d') });
    await region.mutate(put('c', { 'f:v': 'new' }));
    await region.mutate(put('bb', { 'f:v': 'new' }));
    await region.mutate({ row: bytes('b'), deleteRow: true });
    await region.flush();
    await region.compact(true);
    const seen: unknown[] = [];
    for await (const result of scan) seen.push([result.row.toString(), plain(result)]);
    expect(seen).toEqual([
      ['b', { 'f:v': 'old' }],
      ['c', { 'f:v': 'old' }],
    ]);
    await region.scan().return();
    expect(Object.keys(await all(region))).toEqual(['a', 'bb', 'c', 'd']);
    // What the scan has held is gone with it.
    expect(storeFiles()).toHaveLength(1);
    await region.close({ flush: true });
  });

  it('with a damaged block says which checksum is wrong, and serves the others', async () => {
    const region = await begin().open(noLog);
    const value = 'v'.repeat(10_000);
    const rows = Array.from({ length: 40 }, (_, n) => `row${String(n).padStart(2, '0')}`);
    for (const row of rows) await region.mutate(put(row, { 'f:v': value }));
    await region.close({ flush: true });
    const [path] = storeFiles();
    const damaged = readFileSync(path!);
    damaged[100_000]! ^= 1;
    writeFileSync(path!, damaged);
    const again = await rig.open(noLog);
    const outcomes = await Promise.allSettled(rows.map((row) => again.get(bytes(row))));
    const failed = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as Error] : []));
    expect(failed).toHaveLength(7);
    expect(failed[0]).toBeInstanceOf(CorruptFileError);
    expect(failed[0]!.message).toMatch(/\.store at \d+: expected crc32 [0-9a-f]{8}, got [0-9a-f]{8}$/);
    expect(failed[0]!.message).toContain(path);
    await expect(all(again)).rejects.toThrow(CorruptFileError);
    // A compaction that meets it fails, and takes nothing away.
    await expect(again.compact(true)).rejects.toThrow(CorruptFileError);
    expect(plain(await again.get(bytes('row39')))).toEqual({ 'f:v': value });
    await again.close({ flush: false });
    damaged[damaged.length - 1]! ^= 1;
    writeFileSync(path!, damaged);
    await expect(rig.open(noLog)).rejects.toThrow(/expected crc32/);
  });

  it('opened by another, can neither flush nor remove a file', async () => {
    begin();
    const old = await rig.open(noLog);
    for (const row of ['a', 'b']) {
      await old.mutate(put(row, { 'f:v': '1' }));
      await old.flush();
    }
    const heir = await rig.open(noLog);
    await old.mutate(put('c', { 'f:v': 'late' }));
    await expect(old.flush()).rejects.toThrow(RegionLostError);
    await expect(old.compact(true)).rejects.toThrow(/expected opening 1 to be the last, 2 is/);
    await old.close({ flush: false });
    expect(Object.keys(await all(heir))).toEqual(['a', 'b']);
    await heir.close({ flush: true });
    const last = await rig.open(noLog);
    expect(Object.keys(await all(last))).toEqual(['a', 'b']);
    await last.close({ flush: false });
  });

  it('whose disk refuses a flush keeps all in memory, refuses writes in time, and goes on when there is room', async () => {
    begin();
    let full = false;
    const problems: unknown[] = [];
    const region = await rig.open(noLog, 'r1', { flushBytes: 2_000, onProblem: (error) => problems.push(error) });
    const replace = ManifestKeeper.prototype.replace;
    vi.spyOn(ManifestKeeper.prototype, 'replace').mockImplementation(async function (this: ManifestKeeper, manifest) {
      if (full) throw new Error('ENOSPC');
      await replace.call(this, manifest);
    });
    full = true;
    const write = async (): Promise<void> => {
      for (let n = 0; n < 200; n++) await region.mutate(put(`row${String(n).padStart(3, '0')}`, { 'f:v': 'x' }));
    };
    await expect(write()).rejects.toThrow(RegionBusyError);
    await expect(region.flush()).rejects.toThrow('ENOSPC');
    expect(problems.length).toBeGreaterThan(0);
    full = false;
    await region.flush();
    for (let n = 0; n < 200; n++) {
      await region.mutate(put(`row${String(n).padStart(3, '0')}`, { 'f:v': 'x' }));
      if (n % 20 === 0) await region.flush();
    }
    expect(Object.keys(await all(region))).toHaveLength(200);
    await region.close({ flush: true });
  });
});

describe('a server that dies', () => {
  it('leaves every acknowledged row to the next one, whether flushed or only logged', async () => {
    begin();
    const wal = await rig.startWal();
    const region = await rig.open(wal);
    await region.mutate(put('flushed', { 'f:v': '1' }));
    await region.flush();
    await region.mutate(put('logged', { 'f:v': '2' }));
    await region.mutate({ row: bytes('flushed'), deletes: [bytes('f:v')] });
    // Dead from here on: its log is fenced and split, its region opened elsewhere.
    expect(await rig.split()).toBe(3);
    const next = await rig.startWal();
    const heir = await rig.open(next);
    expect(await all(heir)).toEqual({ logged: { 'f:v': '2' } });
    expect(existsSync(join(rig.regionFolder('r1'), 'recovered.edits'))).toBe(false);
    await expect(region.mutate(put('late', { 'f:v': '3' }))).rejects.toThrow(/renamed/);
    await heir.mutate(put('logged', { 'f:v': '4' }));
    await rig.split();
    const third = await rig.open(await rig.startWal());
    expect(await all(third)).toEqual({ logged: { 'f:v': '4' } });
    expect(third.opening).toBe(3);
  });

  it('killed with -9 between any two instructions, has lost nothing it said it had', { timeout: 120_000 }, async () => {
    begin();
    const log = await rig.startWal();
    await log.close();
    await rig.split();
    const script = join(import.meta.dirname, '../__fixtures__/endless-writer.mjs');
    const acknowledged = new Set<number>();
    const folder = `${rig.walFolder(1)}000`;
    const child = spawn(process.execPath, [script, folder, rig.archive, rig.regionFolder('r1')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      acknowledged.add(Number(line));
      if (acknowledged.size === 1_500) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    expect(child.signalCode).toBe('SIGKILL');
    await rig.split(folder);
    const region = await rig.open(noLog);
    const rows = await all(region);
    const lost = [...acknowledged].filter((number) => rows[`row-${String(number).padStart(9, '0')}`] === undefined);
    expect(lost).toEqual([]);
    // No half row, acknowledged or not.
    for (const [row, columns] of Object.entries(rows)) {
      const number = String(Number(row.slice(4)));
      expect(columns).toEqual({ 'f:a': number, 'f:b': number });
    }
    await region.close({ flush: false });
  });
});
