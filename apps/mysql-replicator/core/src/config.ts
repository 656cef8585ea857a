/** What a core reads from its environment. */
import { readFileSync } from 'node:fs';
import { isName, parseTaskKey, type Task, taskSchema } from '@menagerie/replicator-core';
import {
  type ReplicatorConfig,
  replicatorEnv,
  replicatorSettings,
  replicatorVariables,
} from '@menagerie/replicator-nest';
import { env } from '@menagerie/service';
import { z } from 'zod';

export const CORE_MODES = ['hot', 'cold'] as const;
export type CoreMode = (typeof CORE_MODES)[number];

export interface CoreConfig extends ReplicatorConfig {
  readonly mode: CoreMode;
  /** Hot: the tasks it stands for, each with an instance of its own. */
  readonly tasks: readonly string[];
  /** Cold: whose tasks it scans. */
  readonly group: string;
  /** Hot: what the first of its tasks is, if nobody has made it yet. */
  readonly first: Task | null;
  /** Standbys watch all instances, as the book has it. */
  readonly herd: boolean;
  /** Cold: between two rounds. */
  readonly restMs: number;
  /** `lastCommit` is written no more often. */
  readonly commitEveryMs: number;
  /** To show what the fences are for: how late it learns that it may not go on. */
  readonly lateMs: number;
}

const MAX_TASKS = 100;

export const coreVariables = {
  ...replicatorVariables,
  CORE_MODE: 'hot (default) or cold',
  CORE_TASKS: 'hot: the tasks it stands for, by commas',
  CORE_GROUP: 'cold: the group whose tasks it scans',
  CORE_TASK_FILE: 'hot: JSON of the first of its tasks, for the case that nobody has made it yet',
  CORE_HERD: 'hot: true to watch all instances and not only the one before',
  CORE_REST_MS: 'cold: between two rounds; default 2000',
  CORE_COMMIT_EVERY_MS: 'lastCommit is written no more often; default 500',
  CORE_LATE_MS: 'for demonstrations: how late it learns that its session is over; default 0',
} as const;

export const coreConfig = z
  .object({
    ...replicatorEnv,
    CORE_MODE: z.enum(CORE_MODES).default('hot'),
    CORE_TASKS: z
      .string()
      .max(8_000)
      .default('')
      .transform((text) =>
        text
          .split(',')
          .map((each) => each.trim())
          .filter((each) => each !== ''),
      ),
    CORE_GROUP: z.string().default(''),
    CORE_TASK_FILE: z.string().default(''),
    CORE_HERD: z.enum(['true', 'false']).default('false'),
    CORE_REST_MS: env.millis(3_600_000).default(2_000),
    CORE_COMMIT_EVERY_MS: env.millis(60_000).default(500),
    CORE_LATE_MS: env.millis(600_000).default(0),
  })
  .refine(
    (e) =>
      e.CORE_MODE === 'cold' ||
      (e.CORE_TASKS.length > 0 && e.CORE_TASKS.length <= MAX_TASKS && e.CORE_TASKS.every(isName)),
    {
      path: ['CORE_TASKS'],
      message: `expected 1 to ${MAX_TASKS} names of tasks, by commas`,
    },
  )
  .refine((e) => e.CORE_MODE === 'hot' || isName(e.CORE_GROUP), {
    path: ['CORE_GROUP'],
    message: 'expected the name of a group',
  })
  .transform((e, context): CoreConfig => {
    const settings = replicatorSettings(e, context);
    const first = readTask(e.CORE_TASK_FILE, context);
    if (settings === null || first === undefined) return z.NEVER;
    return {
      ...settings,
      mode: e.CORE_MODE,
      tasks: e.CORE_TASKS.map((name) => parseTaskKey(name).name),
      group: e.CORE_GROUP,
      first,
      herd: e.CORE_HERD === 'true',
      restMs: e.CORE_REST_MS,
      commitEveryMs: e.CORE_COMMIT_EVERY_MS,
      lateMs: e.CORE_LATE_MS,
    };
  });

function readTask(file: string, context: z.core.$RefinementCtx): Task | null | undefined {
  if (file === '') return null;
  try {
    const parsed = taskSchema.safeParse(JSON.parse(readFileSync(file, 'utf8')));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    throw new Error(`${issue?.path.join('.')}: ${issue?.message}`);
  } catch (error) {
    const message = `expected a file with a task as JSON: ${(error as Error).message}`;
    context.addIssue({ code: 'custom', path: ['CORE_TASK_FILE'], message });
    return undefined;
  }
}
