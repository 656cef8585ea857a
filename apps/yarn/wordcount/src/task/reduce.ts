/** A reducer: fetches its part of every map's output from the nodes that hold them, and adds the counts up. */
import { NmPath } from '@menagerie/yarn-protocol';
import {
  addCounts,
  type Counts,
  formatCounts,
  LOST_OUTPUT_EXIT_CODE,
  lostOutputLine,
  mapOutputName,
  type ReduceTask,
  reduceTaskSchema,
} from '@menagerie/yarn-wordcount';
import { writeWhole } from '../durable.js';
import { complain, readTask, runTask, say } from '../environment.js';

/** A node that does not answer at once may be busy; one that is gone should not hold the job up. */
const TRIES = 3;
const FETCH_TIMEOUT_MS = 5000;

await runTask(async () => {
  const task = await readTask(reduceTaskSchema);
  const counts: Counts = new Map();
  let lost = 0;
  for (const [index, map] of task.maps.entries()) {
    const text = await fetchOutput(task, map);
    if (text !== null) addCounts(text, counts);
    else {
      lost += 1;
      complain(lostOutputLine(index));
    }
  }
  if (lost > 0) {
    process.exitCode = LOST_OUTPUT_EXIT_CODE;
    return;
  }
  await writeWhole(task.file, formatCounts(counts));
  say(`${counts.size} words of ${task.maps.length} maps`);
});

/** @returns `null` when the output is not to be had. */
async function fetchOutput(task: ReduceTask, map: ReduceTask['maps'][number]): Promise<string | null> {
  const url = `http://${map.nodeHttpAddress}${NmPath.output(map.containerId, mapOutputName(task.reducer))}`;
  for (let tries = 1; tries <= TRIES; tries += 1) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
      if (response.status === 404) return null;
      if (response.ok) return await response.text();
    } catch {
      // Tried again: the next try, or the last, says what there is to say.
    }
  }
  return null;
}
