/**
 * The processes of one container: a group of its own, so that whatever it starts ends with it, and tied to our life, so
 * that none of it outlives a NodeManager that was killed.
 *
 * The group is led by a shell that holds one end of a pipe whose other end only this process has. However this process
 * ends, the pipe ends with it, and the shell's watch then kills the whole group. (A parent death signal would reach the
 * program, but not what the program has started.)
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { constants } from 'node:os';
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

/**
 * `read` waits for the end of the pipe on descriptor 3; 0 stands for the whole group. The shell catches SIGTERM, so that
 * it lives to tell how the program took it; a signal that is caught, not ignored, reaches the program as usual. The
 * program does not inherit the pipe.
 */
const LEADER = `
trap : TERM
{ trap - TERM; read -r _ <&3; kill -KILL 0; } 2>/dev/null &
watch=$!
"$@" 3<&-
code=$?
kill "$watch" 2>/dev/null
exit "$code"
`;

/** A program that does not exist ends with 127, as in any shell. @throws the system's error when it has no room for more */
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
    child = spawn('/bin/sh', ['-c', LEADER, 'container', ...command], {
      cwd: workDir,
      env: { ...environment },
      detached: true,
      stdio: ['ignore', stdout, stderr, 'pipe'],
    });
  } finally {
    closeSync(stdout);
    closeSync(stderr);
  }
  // Nothing is ever said on it; that it breaks when the shell goes is expected.
  child.stdio[3]?.on('error', () => undefined);
  const ended = new Promise<ProcessEnd>((resolve) => {
    child.once('exit', (code, signal) => {
      child.stdio[3]?.destroy();
      resolve({ exitCode: code ?? 128 + signalNumber(signal) });
    });
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

const signalNumber = (signal: NodeJS.Signals | null): number => (signal === null ? 0 : constants.signals[signal]);
