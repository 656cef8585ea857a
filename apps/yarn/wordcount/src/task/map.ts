/** A mapper: counts the words of its split and leaves one file a reducer in its output directory. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ContainerEnvironment } from '@menagerie/yarn-protocol';
import {
  type Counts,
  countWords,
  type FileRange,
  formatCounts,
  linesOf,
  mapOutputName,
  mapTaskSchema,
  partitionOf,
} from '@menagerie/yarn-wordcount';
import { writeWhole } from '../durable.js';
import { readTask, required, runTask, say } from '../environment.js';

/** What a range is extended by, again and again, until its last line is whole. */
const LINE_STEP_BYTES = 64 * 1024;

await runTask(async () => {
  const startedAt = performance.now();
  const task = await readTask(mapTaskSchema);
  const counts: Counts = new Map();
  for (const range of task.ranges) countWords((await readLines(task.input, range)).toString('utf8'), counts);
  const pauseMs = task.paceMs - (performance.now() - startedAt);
  if (pauseMs > 0) await sleep(pauseMs);
  const parts = Array.from({ length: task.reducers }, (): Counts => new Map());
  for (const [word, count] of counts) parts[partitionOf(word, task.reducers)]?.set(word, count);
  const directory = required(ContainerEnvironment.OutputDir);
  for (const [reducer, part] of parts.entries()) {
    await writeWhole(join(directory, mapOutputName(reducer)), formatCounts(part));
  }
  say(`${counts.size} words of ${task.ranges.length} ranges counted`);
});

async function readLines(input: string, range: FileRange): Promise<Buffer> {
  const file = await open(join(input, range.path), 'r');
  try {
    const { size } = await file.stat();
    const offset = Math.max(0, range.start - 1);
    for (let end = Math.min(size, range.end); ; end = Math.min(size, end + LINE_STEP_BYTES)) {
      const { buffer } = await file.read(Buffer.alloc(end - offset), 0, end - offset, offset);
      const lastLineIsWhole = end === size || buffer.indexOf(0x0a, Math.max(0, range.end - 1 - offset)) !== -1;
      if (lastLineIsWhole) return linesOf(buffer, offset, range, size);
    }
  } finally {
    await file.close();
  }
}
