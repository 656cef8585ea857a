/**
 * Which files make up a region, and which opening of the region may say so (decision 115).
 *
 * Every opening takes a number by creating `opening-<n>`, which only one can. It takes over the manifest of the opening
 * before and from then on writes its own, `manifest-<n>`. Whoever changes its manifest looks *afterwards* whether its number
 * is still the last, before it removes anything: either the next opening came later, and has read the change; or it came
 * before, and the change counts for nothing.
 */
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { isExists, namesIn, syncFolder, writeWhole } from '../disk.js';
import { CorruptFileError, HBaseStorageError, RegionLostError } from '../errors.js';

const manifestSchema = z.object({
  /** Every edit up to here is in the files. */
  flushedSeq: z.number().int().min(0),
  /** The oldest first. */
  files: z.array(z.string().min(1)),
});
export type Manifest = z.infer<typeof manifestSchema>;

const EMPTY: Manifest = { flushedSeq: 0, files: [] };
/** Openings that may collide before somebody is to look at it. */
const MAX_TRIES = 100;

async function numbers(folder: string, kind: 'opening' | 'manifest'): Promise<number[]> {
  return (await namesIn(folder))
    .map((name) => Number(new RegExp(`^${kind}-(\\d+)$`).exec(name)?.[1] ?? NaN))
    .filter((number) => Number.isSafeInteger(number))
    .sort((a, b) => a - b);
}

const nameOf = (kind: 'opening' | 'manifest', number: number): string => `${kind}-${String(number).padStart(10, '0')}`;

/** One opening of a region: its number, and the manifest that it may replace. */
export class ManifestKeeper {
  private constructor(
    private readonly folder: string,
    readonly opening: number,
    private manifest: Manifest,
  ) {}

  static async take(folder: string): Promise<ManifestKeeper> {
    const opening = await takeNumber(folder);
    // Read after the number is taken, never before: see above.
    const last = (await numbers(folder, 'manifest')).filter((number) => number < opening).at(-1);
    const manifest = last === undefined ? EMPTY : await read(join(folder, nameOf('manifest', last)));
    const keeper = new ManifestKeeper(folder, opening, manifest);
    await keeper.replace(manifest);
    for (const kind of ['manifest', 'opening'] as const) {
      for (const number of await numbers(folder, kind)) {
        if (number < opening) await rm(join(folder, nameOf(kind, number)), { force: true });
      }
    }
    return keeper;
  }

  get current(): Manifest {
    return this.manifest;
  }

  /**
   * Replaces the manifest. Only afterwards may anything go that it no longer names.
   * @throws RegionLostError another server has opened the region: this one changes nothing any more
   */
  async replace(manifest: Manifest): Promise<void> {
    await writeWhole(this.folder, nameOf('manifest', this.opening), JSON.stringify(manifest));
    const last = (await numbers(this.folder, 'opening')).at(-1) ?? 0;
    if (last !== this.opening) throw new RegionLostError(this.folder, this.opening, last);
    this.manifest = manifest;
  }
}

async function takeNumber(folder: string): Promise<number> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const all = [...(await numbers(folder, 'opening')), ...(await numbers(folder, 'manifest'))];
    const opening = Math.max(0, ...all) + 1;
    try {
      await (await open(join(folder, nameOf('opening', opening)), 'wx', 0o640)).close();
      await syncFolder(folder);
      return opening;
    } catch (error) {
      if (!isExists(error)) throw error;
    }
  }
  throw new HBaseStorageError('HBASE_REGION_LOST', `${folder}: ${MAX_TRIES} openings were taken by others`, true);
}

async function read(path: string): Promise<Manifest> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    throw new CorruptFileError(
      path,
      0,
      `expected a manifest: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
