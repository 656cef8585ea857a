/** Commands of the operating system that break things: run to their end, within a deadline. */
import { execFile, execFileSync, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';

const DEADLINE_MS = 20_000;
const exec = promisify(execFile);

/** @returns what it wrote. @throws with what it wrote on standard error */
export async function command(file: string, ...args: string[]): Promise<string> {
  return (await exec(file, args, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' })).stdout;
}

/** For the end of the process, when nothing can be waited for. What fails has been undone already. */
export function commandNow(file: string, ...args: string[]): void {
  try {
    execFileSync(file, args, { stdio: 'ignore', timeout: DEADLINE_MS });
  } catch {
    // Nothing is left that could be done about it.
  }
}

export function has(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

export const isRoot = (): boolean => process.getuid?.() === 0;
