/**
 * A server of ours in the test's own process: up in milliseconds, nothing to install, and steppable in a debugger.
 *
 * It has real sockets and a real disk. What it can not be is stopped while the test goes on, and a kill can not lose
 * what the operating system has taken but not written; `engine: 'menagerie'` starts processes for that.
 */
import { loadZooCfg, startServer, type CoreLog, type Env, type ZkServer } from '@menagerie/ensemble';
import { TestKitError } from '../errors.js';
import type { RunningServer } from './running-server.js';

/** Enough to see why a server did not start. */
const MAX_LOG_LINES = 400;

/** The words of the `srvr` command. */
const modes = {
  leading: 'leader',
  following: 'follower',
  observing: 'observer',
  standalone: 'standalone',
} as const;

export class EmbeddedServer implements RunningServer {
  readonly pid = undefined;
  readonly log: string[] = [];
  readonly #starting: Promise<void>;
  #server: ZkServer | null = null;
  #exit: string | null = null;

  /** @param random 0 <= random() < 1, the server's only source of chance */
  constructor(configPath: string, random: () => number) {
    const env: Env = {
      monotonicMs: () => performance.now(),
      wallMs: () => Date.now(),
      random,
      log: this.#recorder(),
    };
    this.#starting = this.#start(configPath, env);
  }

  get exit(): string | null {
    return this.#exit;
  }

  mode(): string | null {
    const description = this.#server?.describe();
    if (this.#exit !== null || description?.phase !== 'broadcast') return null;
    return description.state === 'looking' ? null : modes[description.state];
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    const message = `expected a server with a process of its own for ${signal}: start with engine: 'menagerie'`;
    throw new TestKitError('TESTKIT_MISUSE', message);
  }

  /** Both ways: its connections end, and it answers nothing any more. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.#starting;
    await this.#server?.close();
    this.#exit ??= signal;
  }

  async #start(configPath: string, env: Env): Promise<void> {
    try {
      this.#server = await startServer(loadZooCfg(configPath), { env });
    } catch (error) {
      this.#exit = error instanceof Error ? error.message : String(error);
      return;
    }
    void this.#server.stopped.then((reason) => (this.#exit ??= reason?.message ?? 'closed'));
  }

  #recorder(): CoreLog {
    const note =
      (level: string) =>
      (event: string, fields: Readonly<Record<string, unknown>> = {}): void => {
        const values = Object.entries(fields).map(([name, value]) => ` ${name}=${String(value)}`);
        this.log.push(`${level} ${event}${values.join('')}`);
        if (this.log.length > MAX_LOG_LINES) this.log.shift();
      };
    return { debug: () => undefined, info: note('INFO'), warn: note('WARN'), error: note('ERROR') };
  }
}
