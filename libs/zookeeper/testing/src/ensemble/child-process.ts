/**
 * A server as a real process which does not outlive us: on our exit it is killed, and where `setpriv` exists the kernel
 * sees to it even if we are killed ourselves.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { TestKitError } from '../errors.js';
import type { RunningServer } from './running-server.js';

/** Output kept for messages: enough to see why a server did not start. */
const MAX_LOG_LINES = 400;
const EXIT_WAIT_MS = 10_000;

const running = new Set<ChildProcess>();

process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

const diesWithParent =
  process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0;

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
}

export class ServerProcess implements RunningServer {
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  #partialLine = '';
  #exit: string | null = null;

  constructor({ file, args, cwd }: Command) {
    const command = diesWithParent ? ['setpriv', '--pdeathsig', 'KILL', file, ...args] : [file, ...args];
    const child = spawn(command[0]!, command.slice(1), { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    running.add(child);
    child.stdout?.on('data', (chunk: Buffer) => this.#note(chunk));
    child.stderr?.on('data', (chunk: Buffer) => this.#note(chunk));
    child.on('error', (error) => {
      this.#exit ??= error.message;
      running.delete(child);
    });
    child.on('exit', (code, signal) => {
      this.#exit ??= signal ?? `exit code ${code}`;
      running.delete(child);
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Null while it runs. */
  get exit(): string | null {
    return this.#exit;
  }

  /** The latest lines it wrote, oldest first. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** To be asked over its port. */
  mode(): undefined {
    return undefined;
  }

  signal(signal: NodeJS.Signals): void {
    if (this.#exit === null) this.#child.kill(signal);
  }

  /** Sends the signal and waits for the end. @throws TestKitError `TESTKIT_TIMEOUT` if it does not come */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.#exit !== null) return;
    const ended = once(this.#child, 'exit', { signal: AbortSignal.timeout(EXIT_WAIT_MS) });
    // A paused process takes no SIGTERM.
    this.#child.kill('SIGCONT');
    this.#child.kill(signal);
    try {
      await ended;
    } catch (cause) {
      const message = `expected process ${this.pid} to end ${EXIT_WAIT_MS} ms after ${signal}`;
      throw new TestKitError('TESTKIT_TIMEOUT', message, true, { cause });
    }
  }

  #note(chunk: Buffer): void {
    const lines = (this.#partialLine + chunk.toString('utf8')).split('\n');
    this.#partialLine = (lines.pop() ?? '').slice(-4096);
    this.#log.push(...lines);
    if (this.#log.length > MAX_LOG_LINES) this.#log.splice(0, this.#log.length - MAX_LOG_LINES);
  }
}
