/**
 * The process of one container: started in a group of its own, so that whatever it starts ends with it, and tied to our
 * life, so that it does not outlive a NodeManager that was killed.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export interface LaunchedProcess {
  readonly pid: number;
  /** Resolves once, when the process is gone. */
  readonly ended: Promise<ProcessEnd>;
  /** To the whole group. */
  signal(signal: NodeJS.Signals): void;
}

/** An exit code as shells give it: 128 + n for signal n. */
export interface ProcessEnd {
  readonly exitCode: number;
}

export interface LaunchOptions {
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workDir: string;
  readonly logDir: string;
}

/** The kernel kills the child when the process that started it dies, kill -9 included. */
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

/** @throws the system's error when there is no such program. */
export async function launchProcess({
  command,
  environment,
  workDir,
  logDir,
}: LaunchOptions): Promise<LaunchedProcess> {
  const stdout = openSync(join(logDir, 'stdout'), 'a');
  const stderr = openSync(join(logDir, 'stderr'), 'a');
  let child: ChildProcess;
  try {
    const [program, ...args] = [...DIE_WITH_PARENT, ...command];
    child = spawn(program, args, {
      cwd: workDir,
      env: { ...environment },
      detached: true,
      stdio: ['ignore', stdout, stderr],
    });
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ exitCode: code ?? 128 + signalNumber(signal) }));
  });
  const pid = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid as number));
  });
  return { pid, ended, signal: (signal) => signalGroup(pid, signal) };
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // Nobody of the group is left.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

const numbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGTERM: 15,
};
const signalNumber = (signal: NodeJS.Signals | null): number => (signal === null ? 0 : (numbers[signal] ?? 0));
