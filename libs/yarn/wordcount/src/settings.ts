/** The job as its submitter describes it, and how that becomes a submission. */
import type { Resource, SubmitRequest } from '@menagerie/yarn-protocol';
import { z } from 'zod';

export const wordCountSettingsSchema = z.object({
  /** Absolute; every node must see it under this name. */
  input: z.string().startsWith('/'),
  /** Absolute; must not hold a finished result. */
  output: z.string().startsWith('/'),
  splitBytes: z.number().int().min(1).default(65_536),
  reducers: z.number().int().min(1).max(1000).default(2),
  /** Each map takes at least this long: a throttle, so that a job leaves the disks to others. */
  splitPaceMs: z.number().int().min(0).max(3_600_000).default(0),
  mapMemoryMb: z.number().int().min(1).default(256),
  reduceMemoryMb: z.number().int().min(1).default(256),
  masterMemoryMb: z.number().int().min(1).default(256),
  /** A task that runs longer is ended and tried again. */
  taskTimeLimitMs: z.number().int().min(1000).default(600_000),
});
export type WordCountSettings = z.infer<typeof wordCountSettingsSchema>;

/** Carries the settings to the master, as JSON. */
export const SETTINGS_VARIABLE = 'WORDCOUNT_SETTINGS';
/** Files with other endings are not text, and not counted. */
export const TEXT_FILE = /\.(txt|md|ts|js|mjs|json|yml|yaml|csv|html|css|log|c|java|py|sh)$/i;

/** Never descended into: what lies there is made by tools, not written. */
export const SKIPPED_DIRECTORIES: ReadonlySet<string> = new Set(['node_modules', '.git', 'dist', '.nx', '.data']);

export interface Submission {
  readonly applicationId: string;
  readonly user: string;
  readonly queue: string;
  /** Node, and the script of the master. */
  readonly masterCommand: readonly [string, ...string[]];
  readonly settings: WordCountSettings;
}

export const memoryOf = (memoryMb: number): Resource => ({ memoryMb, vcores: 1 });

export function wordCountRequest({ applicationId, user, queue, masterCommand, settings }: Submission): SubmitRequest {
  return {
    context: {
      applicationId,
      name: `word count of ${settings.input}`,
      queue,
      priority: 0,
      master: { command: [...masterCommand], environment: { [SETTINGS_VARIABLE]: JSON.stringify(settings) } },
      resource: memoryOf(settings.masterMemoryMb),
      applicationType: 'MENAGERIE_WORDCOUNT',
      maxAttempts: 2,
      tags: [],
    },
    user,
  };
}

/** `part-r-00003`, as MapReduce names its results. */
export const partName = (reducer: number): string => `part-r-${String(reducer).padStart(5, '0')}`;
/** Stands in the output directory when every part does. */
export const SUCCESS_FILE = '_SUCCESS';
/** Below the output directory: what is under way, and what has been achieved. */
export const JOB_DIRECTORY = '_job';
export const mapOutputName = (reducer: number): string => `map-output-${String(reducer).padStart(5, '0')}`;

/** What a map task is told in its environment. */
export const TASK_VARIABLE = 'WORDCOUNT_TASK';

export const mapTaskSchema = z.object({
  input: z.string(),
  reducers: z.number().int(),
  paceMs: z.number(),
  ranges: z.array(z.object({ path: z.string(), start: z.number().int(), end: z.number().int() })),
});
export type MapTask = z.infer<typeof mapTaskSchema>;

export const reduceTaskSchema = z.object({
  reducer: z.number().int(),
  /** Where the result goes until the master commits it. */
  file: z.string(),
  maps: z.array(z.object({ containerId: z.string(), nodeHttpAddress: z.string() })),
});
export type ReduceTask = z.infer<typeof reduceTaskSchema>;
