/** What every process of the job reads from its environment, and how it ends. */
import { readFile } from 'node:fs/promises';
import { TASK_VARIABLE } from '@menagerie/yarn-wordcount';
import type { z } from 'zod';

/** @throws Error that names the variable */
export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '') throw new Error(`${name}: expected a value, the environment has none`);
  return value;
}

/** The task's description, from the file that the master wrote for it. */
export async function readTask<T>(schema: z.ZodType<T>): Promise<T> {
  return schema.parse(JSON.parse(await readFile(required(TASK_VARIABLE), 'utf8')));
}

export const say = (line: string): void => void process.stdout.write(`${new Date().toISOString()} ${line}\n`);
export const complain = (line: string): void => void process.stderr.write(`${line}\n`);

/** Runs a process' work: exit code 0 when it returns, 1 with the reason on standard error when it throws. */
export async function runTask(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    complain(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
