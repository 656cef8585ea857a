/**
 * What a later attempt of the master must know: which maps are done and where their output is. Kept beside the output, in
 * the shared directory, as lines that are only ever added; a torn last line is one that was never written.
 */
import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { JOB_DIRECTORY, type MapOutput, type Split } from '@menagerie/yarn-wordcount';
import { z } from 'zod';
import { writeOnce } from '../durable.js';

const entrySchema = z.object({
  map: z.number().int(),
  containerId: z.string(),
  nodeId: z.string(),
  nodeHttpAddress: z.string(),
});

const SPLITS_FILE = 'splits.json';
const splitsSchema = z.array(z.array(z.object({ path: z.string(), start: z.number().int(), end: z.number().int() })));

export class Journal {
  private constructor(private readonly file: FileHandle) {}

  /** @returns the journal to go on with, and the maps of all attempts before: the latest place of each. */
  static async open(output: string, attempt: number): Promise<{ journal: Journal; maps: Map<number, MapOutput> }> {
    const directory = join(output, JOB_DIRECTORY);
    await mkdir(directory, { recursive: true });
    const maps = new Map<number, MapOutput>();
    const names = (await readdir(directory)).filter((name) => name.startsWith('journal-')).sort();
    for (const name of names) {
      for (const { map, ...place } of entriesOf(await readFile(join(directory, name), 'utf8'))) maps.set(map, place);
    }
    // A file an attempt: a zombie of an earlier one writes into its own.
    const file = await open(join(directory, `journal-${String(attempt).padStart(4, '0')}`), 'a');
    return { journal: new Journal(file), maps };
  }

  /**
   * How the input is cut, for all attempts: a map's number means the same text in each of them, whatever has become of
   * the input since. The first attempt that gets so far decides.
   */
  static async splits(output: string, plan: () => Promise<readonly Split[]>): Promise<readonly Split[]> {
    const directory = join(output, JOB_DIRECTORY);
    await mkdir(directory, { recursive: true });
    const file = join(directory, SPLITS_FILE);
    const names = await readdir(directory);
    if (!names.includes(SPLITS_FILE)) await writeOnce(file, JSON.stringify(await plan()));
    return splitsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  }

  async mapDone(map: number, place: MapOutput): Promise<void> {
    await this.file.appendFile(`${JSON.stringify({ map, ...place })}\n`);
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

function* entriesOf(text: string): Iterable<z.infer<typeof entrySchema>> {
  for (const line of text.split('\n').slice(0, -1)) yield entrySchema.parse(JSON.parse(line));
}
