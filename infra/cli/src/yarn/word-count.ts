/** `yarn submit wordcount`: checks the job while its submitter still looks, then hands it to YARN. */
import { readdirSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join, resolve } from 'node:path';

import type { YarnClient } from '@menagerie/yarn-client';
import { type ApplicationReport, formatResource, type Resource } from '@menagerie/yarn-protocol';
import {
  memoryOf,
  SKIPPED_DIRECTORIES,
  SUCCESS_FILE,
  TEXT_FILE,
  wordCountRequest,
  type WordCountSettings,
  wordCountSettingsSchema,
} from '@menagerie/yarn-wordcount';

import { UsageError } from '../errors.js';

export interface WordCountOptions {
  readonly input: string;
  readonly output?: string;
  readonly queue: string;
  readonly reducers?: number;
  readonly splitBytes?: number;
  readonly splitDelayMs?: number;
  readonly mapMemory?: number;
  readonly reduceMemory?: number;
  readonly masterMemory?: number;
}

export interface SubmittedJob {
  readonly applicationId: string;
  readonly output: string;
  readonly report: ApplicationReport;
}

/** A submission is stored within this, failovers included. */
const STORED_MS = 120_000;

/**
 * @param root of the repository, where the job's program is
 * @param dataRoot where a result goes that nobody named a place for
 * @throws UsageError for a folder that is missing or holds no text, a result that is there already, a container larger
 *   than any node
 */
export async function submitWordCount(
  yarn: YarnClient,
  options: WordCountOptions,
  place: { readonly root: string; readonly dataRoot: string; readonly signal: AbortSignal },
): Promise<SubmittedJob> {
  const input = resolve(options.input);
  checkInput(input);
  if (options.output !== undefined) checkOutput(resolve(options.output));
  const { applicationId, maximumResource } = await yarn.newApplication({ signal: place.signal });
  const output = resolve(options.output ?? join(place.dataRoot, 'yarn', 'output', applicationId));
  const settings = wordCountSettingsSchema.parse({
    input,
    output,
    reducers: options.reducers,
    splitBytes: options.splitBytes,
    splitPaceMs: options.splitDelayMs,
    mapMemoryMb: options.mapMemory,
    reduceMemoryMb: options.reduceMemory,
    masterMemoryMb: options.masterMemory,
  });
  checkMemory(settings, maximumResource);
  const request = wordCountRequest({
    applicationId,
    user: userInfo().username,
    queue: options.queue,
    masterCommand: [process.execPath, join(place.root, 'apps/yarn/wordcount/dist/master/main.js')],
    settings,
  });
  const report = await yarn.submit(request, { timeoutMs: STORED_MS, signal: place.signal });
  return { applicationId, output, report };
}

/** @throws UsageError unless there is a text file in it, at whatever depth */
export function checkInput(input: string): void {
  const found = statSync(input, { throwIfNoEntry: false });
  if (found === undefined)
    throw new UsageError(`--input ${input}: expected a folder of text files, found nothing there`);
  if (!found.isDirectory()) throw new UsageError(`--input ${input}: expected a folder of text files, found a file`);
  const folders = [input];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isFile() && TEXT_FILE.test(entry.name)) return;
      if (entry.isDirectory() && !SKIPPED_DIRECTORIES.has(entry.name)) folders.push(join(folder, entry.name));
    }
  }
  throw new UsageError(`--input ${input}: expected a folder of text files, found none in it`);
}

function checkOutput(output: string): void {
  const found = statSync(output, { throwIfNoEntry: false });
  if (found === undefined) return;
  if (!found.isDirectory())
    throw new UsageError(`--output ${output}: expected a folder that is new or empty, found a file`);
  const names = readdirSync(output);
  if (names.includes(SUCCESS_FILE)) throw new UsageError(`--output ${output}: holds a finished result already`);
  if (names.length > 0) throw new UsageError(`--output ${output}: expected a folder that is new or empty`);
}

function checkMemory(settings: WordCountSettings, maximum: Resource): void {
  const wanted = [
    ['--master-memory', settings.masterMemoryMb],
    ['--map-memory', settings.mapMemoryMb],
    ['--reduce-memory', settings.reduceMemoryMb],
  ] as const;
  for (const [option, memoryMb] of wanted) {
    const resource = memoryOf(memoryMb);
    if (resource.memoryMb <= maximum.memoryMb && resource.vcores <= maximum.vcores) continue;
    const most = formatResource(maximum);
    throw new UsageError(`${option} ${memoryMb}: no node can give a container more than ${most}`);
  }
}
