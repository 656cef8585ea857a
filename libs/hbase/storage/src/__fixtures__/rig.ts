/** A server's storage in a folder of its own, which dies and is recovered as by the others of a cluster. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlockCache } from '../file/block-cache.js';
import { RECOVERED_FOLDER, Region, type RegionOptions, type RowResult } from '../region/region.js';
import { fenceWalFolder, removeWalFolder, splitWal } from '../wal/split-wal.js';
import { Wal, type WalOptions } from '../wal/wal.js';

export const bytes = (text: string): Buffer => Buffer.from(text);
export const put = (row: string, columns: Readonly<Record<string, string>>) => ({
  row: bytes(row),
  puts: Object.entries(columns).map(([column, value]) => ({ column: bytes(column), value: bytes(value) })),
});
/** `{ 'f:a': '1' }` */
export const plain = (result: RowResult | null): Record<string, string> | null =>
  result === null ? null : Object.fromEntries(result.cells.map(({ column, value }) => [`${column}`, `${value}`]));

export class StorageRig implements AsyncDisposable {
  private readonly opened: { close(): Promise<void> }[] = [];
  readonly root = mkdtempSync(join(tmpdir(), 'menagerie-hbase-'));
  readonly cache = new BlockCache(1_048_576);
  private starts = 0;

  get archive(): string {
    return join(this.root, 'oldWALs');
  }

  regionFolder(name: string): string {
    return join(this.root, 'data', name);
  }

  walFolder(start: number = this.starts): string {
    return join(this.root, 'WALs', `host,16020,${start}`);
  }

  /** The log of a server's next start. */
  async startWal(options: Partial<WalOptions> = {}): Promise<Wal> {
    this.starts += 1;
    const wal = await Wal.create({ folder: this.walFolder(), archive: this.archive, ...options });
    this.opened.push(wal);
    return wal;
  }

  async open(log: RegionOptions['log'], name = 'r1', options: Partial<RegionOptions> = {}): Promise<Region> {
    const own = { name, folder: this.regionFolder(name), log, cache: this.cache, now: () => 0 };
    const region = await Region.open({ ...own, ...options });
    this.opened.push({ close: () => region.close({ flush: false }) });
    return region;
  }

  /** What the others do with a dead server's log. */
  async split(folder: string = this.walFolder()): Promise<number> {
    let entries = 0;
    for (const log of await fenceWalFolder(folder)) {
      entries += (await splitWal(log, (region) => join(this.regionFolder(region), RECOVERED_FOLDER))).entries;
    }
    await removeWalFolder(folder);
    return entries;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const one of this.opened) await one.close();
    rmSync(this.root, { recursive: true, force: true });
  }
}

export async function all(region: Region): Promise<Record<string, Record<string, string> | null>> {
  const rows: Record<string, Record<string, string> | null> = {};
  for await (const result of region.scan()) rows[result.row.toString()] = plain(result);
  return rows;
}
