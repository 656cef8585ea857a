/** A word count to submit in a test, and the truth to hold its result against. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addCounts,
  type Counts,
  partName,
  SUCCESS_FILE,
  wordCountRequest,
  type WordCountSettings,
  wordCountSettingsSchema,
} from '@menagerie/yarn-wordcount';
import type { SubmitRequest } from '@menagerie/yarn-protocol';
import { repositoryRoot } from '@menagerie/platform-testing';
import type { TestYarn } from './test-yarn.js';

/** Everything but the id is settled, so that the same job can be submitted again and again. */
export async function prepareWordCount(
  yarn: TestYarn,
  settings: Partial<WordCountSettings> & Pick<WordCountSettings, 'input' | 'output'>,
): Promise<SubmitRequest> {
  const { applicationId } = await yarn.client.newApplication();
  return wordCountRequest({
    applicationId,
    user: 'test',
    queue: 'default',
    masterCommand: [process.execPath, join(repositoryRoot(), 'apps/yarn/wordcount/dist/master/main.js')],
    settings: wordCountSettingsSchema.parse(settings),
  });
}

/** What a job has counted. @throws Error unless it has finished */
export function readCounts(output: string, reducers: number): Counts {
  if (!existsSync(join(output, SUCCESS_FILE))) throw new Error(`${output}: there is no ${SUCCESS_FILE}`);
  const counts: Counts = new Map();
  for (let part = 0; part < reducers; part++) addCounts(readFileSync(join(output, partName(part)), 'utf8'), counts);
  return counts;
}
