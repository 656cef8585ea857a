/** The job of the demos: the words of this repository's own texts, counted by containers on all nodes. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import { type ApplicationReport, type SubmitRequest } from '@menagerie/yarn-protocol';
import {
  addCounts,
  type Counts,
  partName,
  SUCCESS_FILE,
  TEXT_FILE,
  wordCountRequest,
  wordCountSettingsSchema,
} from '@menagerie/yarn-wordcount';

import type { DemoContext } from '../demo.js';
import { until } from '../until.js';
import { countPlainly } from './plain-count.js';

/** Small splits and an unhurried pace: enough of the job is left, whenever something is killed. */
const SPLIT_BYTES = 32 * 1024;
const SPLIT_PACE_MS = 1_500;
const REDUCERS = 2;
/** The middle begins when one of so many parts is done. */
const PART = 5;
/** What the job reads, copied first so that nobody edits it meanwhile. */
const TEXTS = ['README.md', 'docs', 'libs', 'infra', 'apps'];
const NOT_TEXTS = new Set(['node_modules', 'dist', '.data', '.nx', '.git']);

const STORED_MS = 120_000;
const MIDDLE_MS = 60_000;
const FINISHED_MS = 240_000;

export interface DemoJob {
  readonly id: string;
  readonly input: string;
  readonly output: string;
}

/** Copies the texts, and prepares a submission of the word count over them. Nothing is sent. */
export function prepareJob(
  context: DemoContext,
  applicationId: string,
  folderName: string,
): DemoJob & { readonly request: SubmitRequest } {
  const folder = join(context.plan.settings.dataRoot, 'demos', folderName);
  const input = join(folder, 'input');
  const output = join(folder, 'output');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(input, { recursive: true });
  for (const name of TEXTS) {
    const filter = (source: string) => !NOT_TEXTS.has(source.slice(source.lastIndexOf('/') + 1));
    cpSync(join(context.root, name), join(input, name), { recursive: true, filter });
  }
  const settings = wordCountSettingsSchema.parse({
    input,
    output,
    splitBytes: SPLIT_BYTES,
    splitPaceMs: SPLIT_PACE_MS,
    reducers: REDUCERS,
  });
  const request = wordCountRequest({
    applicationId,
    user: userInfo().username,
    queue: 'default',
    masterCommand: [process.execPath, join(context.root, 'apps/yarn/wordcount/dist/master/main.js')],
    settings,
  });
  return { id: applicationId, input, output, request };
}

/** Submits the job; returns once the store has it. */
export async function submitJob(context: DemoContext): Promise<DemoJob> {
  const { applicationId } = await context.yarn.newApplication({ signal: context.signal });
  const { request, ...job } = prepareJob(context, applicationId, 'word-count');
  await context.yarn.submit(request, { timeoutMs: STORED_MS, signal: context.signal });
  context.mark(`${applicationId} submitted: the words of ${job.input}`);
  return job;
}

/** Waits until a good part of the maps is done and a good part is not. */
export async function middleOf(context: DemoContext, job: DemoJob): Promise<ApplicationReport> {
  const options = { timeoutMs: MIDDLE_MS, signal: context.signal };
  const report = await until(`the middle of ${job.id}`, options, async () => {
    const now = await context.yarn.application(job.id);
    const { done, total } = mapsOf(now);
    return total > 0 && done * PART >= total ? now : undefined;
  });
  const { done, total } = mapsOf(report);
  context.mark(`in the middle of the job: ${done} of ${total} maps done`);
  return report;
}

/** Waits for the end, whatever happens to ResourceManagers meanwhile. */
export async function endOf(context: DemoContext, job: DemoJob): Promise<ApplicationReport> {
  const report = await context.yarn.waitFor(job.id, { timeoutMs: FINISHED_MS, signal: context.signal });
  context.mark(`${job.id} is ${report.state}, ${report.finalStatus}`);
  return report;
}

export function mapsOf(report: ApplicationReport): { readonly done: number; readonly total: number } {
  return { done: report.counters['mapsDone'] ?? 0, total: report.counters['mapsTotal'] ?? 0 };
}

/** Claims that the job's result is what a plain count of the same files gives. */
export function verifyCounts(context: DemoContext, job: DemoJob): void {
  const expected: Counts = new Map();
  const files = readdirSync(job.input, { recursive: true, withFileTypes: true });
  const texts = files.filter((file) => file.isFile() && TEXT_FILE.test(file.name));
  for (const { parentPath, name } of texts) countPlainly(readFileSync(join(parentPath, name), 'utf8'), expected);
  const actual: Counts = new Map();
  const whole = existsSync(join(job.output, SUCCESS_FILE));
  for (let part = 0; whole && part < REDUCERS; part++) {
    addCounts(readFileSync(join(job.output, partName(part)), 'utf8'), actual);
  }
  const wrong = [...new Set([...expected.keys(), ...actual.keys()])].filter(
    (word) => expected.get(word) !== actual.get(word),
  );
  const sum = (counts: Counts) => [...counts.values()].reduce((total, count) => total + count, 0);
  const evidence = whole
    ? `${sum(actual)} words, ${actual.size} different; recounted from ${texts.length} files: ${sum(expected)}, ${expected.size}; ${wrong.length} differ`
    : `no ${SUCCESS_FILE} in ${job.output}`;
  context.verify('the counts are right', whole && wrong.length === 0 && expected.size > 0, evidence);
}
