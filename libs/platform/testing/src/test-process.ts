/** One process of a system in a test: started, killed, paused, started again, its output kept in a file. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { waitFor } from '@menagerie/zookeeper-testing';

/** On a busy machine a process takes its time until it listens. */
const START_WAIT_MS = 60_000;
const LOG_TAIL_CHARS = 4_000;

export interface TestProcessOptions {
  /** `rm1` */
  readonly id: string;
  /** The file that node runs. */
  readonly program: string;
  readonly args?: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** `host:port` where it answers `/health`. */
  readonly address: string;
  /** For its log. */
  readonly folder: string;
}

export class TestProcess {
  private child: ChildProcess | null = null;
  private gone: Promise<void> = Promise.resolve();

  constructor(private readonly options: TestProcessOptions) {}

  get id(): string {
    return this.options.id;
  }

  get address(): string {
    return this.options.address;
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** Starts it without waiting. Precondition: it does not run. */
  launch(): void {
    if (this.child !== null) throw new Error(`${this.id} runs already`);
    const { program, args = [], environment } = this.options;
    if (!existsSync(program)) throw new Error(`expected the built ${program}: run \`npm run build\``);
    const log = openSync(this.logFile, 'a');
    const child = spawn(process.execPath, [program, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    this.child = child;
    this.gone = new Promise((resolve) => {
      child.once('exit', () => {
        this.child = null;
        resolve();
      });
    });
  }

  /** Starts it and waits until it answers. @throws Error with the end of its log when it ends instead */
  async start(): Promise<void> {
    this.launch();
    await waitFor(
      async () => {
        if (this.child === null) return 'ended';
        return (await fetch(`http://${this.address}/health`, { signal: AbortSignal.timeout(2_000) })).status < 600;
      },
      { timeoutMs: START_WAIT_MS, what: `${this.id} at ${this.address}` },
    );
    if (this.child === null) throw new Error(`${this.id} ended at once:\n${this.logTail()}`);
  }

  /** Resolves when the process is gone. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.child?.kill('SIGCONT');
    this.child?.kill(signal);
    await this.gone;
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  private get logFile(): string {
    return join(this.options.folder, `${this.id}.log`);
  }

  logTail(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(-LOG_TAIL_CHARS) : '';
  }
}
