/**
 * What a later attempt of the master must know: which maps are done and where their output is. Kept beside the output, in
 * the shared directory, as lines that are only ever added; a torn last line is one that was never written.
 */
import { mkdir, open, readdir, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { JOB_DIRECTORY, type MapOutput } from '@menagerie/yarn-wordcount';
import { z } from 'zod';

const entrySchema = z.object({
  map: z.number().int(),
  containerId: z.string(),
  nodeId: z.string(),
  nodeHttpAddress: z.string(),
});

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
