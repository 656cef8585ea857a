/** One server of a test ensemble: its ports and folder stay, its process comes and goes. */
import { serverMode } from '../four-letter-word.js';
import { TestKitError } from '../errors.js';
import { waitFor } from '../wait-for.js';
import { ServerProcess, type Command } from './child-process.js';
import { EmbeddedServer } from './embedded-server.js';
import { serverCommand, type Engine, type JavaOptions } from './engines.js';
import type { RunningServer } from './running-server.js';
import { memberLine, type ServerPorts } from './zoo-cfg.js';

const ACCEPT_WAIT_MS = 30_000;
const SERVING_LOOK_MS = 5;

export interface TestServerOptions {
  readonly id: number;
  readonly engine: Engine;
  readonly ports: ServerPorts;
  readonly dataDir: string;
  readonly configPath: string;
  /** 0 <= random() < 1; an embedded server's only source of chance. */
  readonly random: () => number;
  readonly java?: JavaOptions;
  /** What is really run for the server's command: `nsenter ...` before it, for instance. */
  readonly launchWith?: (command: Command) => Command;
}

export class TestServer {
  readonly id: number;
  #engine: Engine;
  readonly host: string;
  readonly ports: ServerPorts;
  readonly dataDir: string;
  readonly configPath: string;
  readonly #random: () => number;
  readonly #java: JavaOptions;
  readonly #launchWith: (command: Command) => Command;
  #process: RunningServer | null = null;
  #paused = false;

  constructor({ id, engine, ports, dataDir, configPath, random, java = {}, launchWith }: TestServerOptions) {
    this.id = id;
    this.host = ports.host ?? '127.0.0.1';
    this.#engine = engine;
    this.ports = ports;
    this.dataDir = dataDir;
    this.configPath = configPath;
    this.#random = random;
    this.#java = java;
    this.#launchWith = launchWith ?? ((command) => command);
  }

  /** What it runs, or ran last. */
  get engine(): Engine {
    return this.#engine;
  }
  get clientPort(): number {
    return this.ports.client;
  }
  /** `host:port` for clients. */
  get address(): string {
    return `${this.host}:${this.clientPort}`;
  }
  /** Its line in the configuration, for a reconfig that has it join as such. */
  memberLine(role: 'participant' | 'observer' = 'participant'): string {
    return memberLine(this.id, this.ports, role === 'observer');
  }
  get pid(): number | undefined {
    return this.running ? this.#process?.pid : undefined;
  }
  get running(): boolean {
    return this.#process !== null && this.#process.exit === null;
  }
  get paused(): boolean {
    return this.#paused;
  }
  /** How the last process ended, null while it runs or before the first. */
  get exit(): string | null {
    return this.#process?.exit ?? null;
  }
  /** The latest lines the current or last process wrote. */
  get log(): readonly string[] {
    return this.#process?.log ?? [];
  }

  /** `leader`, `follower`, `standalone`, ...; null while it does not serve. */
  async mode(): Promise<string | null> {
    if (!this.running || this.#paused) return null;
    const known = this.#process?.mode();
    return known === undefined ? serverMode(this.host, this.clientPort) : known;
  }

  /** With another engine it starts on what the one before left on its disk. */
  launch(engine: Engine = this.#engine): void {
    if (this.running) throw new TestKitError('TESTKIT_MISUSE', `expected server ${this.id} not to run, it does`);
    this.#paused = false;
    this.#engine = engine;
    if (engine === 'embedded') {
      this.#process = new EmbeddedServer(this.configPath, this.#random);
    } else {
      const command = serverCommand(engine, this.configPath, this.dataDir, this.#java);
      this.#process = new ServerProcess(this.#launchWith(command));
    }
  }

  /** Waits until it serves, which takes a quorum. @throws TestKitError with the last lines of its log */
  async serving(timeoutMs: number = ACCEPT_WAIT_MS): Promise<void> {
    await waitFor(
      async () => {
        if (!this.running) return true;
        return (await this.mode()) !== null;
      },
      {
        timeoutMs,
        intervalMs: SERVING_LOOK_MS,
        what: `server ${this.id} (${this.engine}) to serve on ${this.address}`,
      },
    ).catch((error: unknown) => {
      throw this.#withLog(error instanceof Error ? error.message : String(error));
    });
    if (!this.running)
      throw this.#withLog(`server ${this.id} (${this.engine}) ended: ${this.#process?.exit ?? 'never started'}`);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    if (!this.running) throw new TestKitError('TESTKIT_MISUSE', `expected server ${this.id} to run, it does not`);
    this.#process?.signal(signal);
    this.#paused = signal === 'SIGSTOP';
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#paused = false;
    await this.#process?.end(signal);
  }

  #withLog(message: string): TestKitError {
    const tail = this.log.slice(-15).join('\n  ');
    return new TestKitError('TESTKIT_SERVER_EXITED', `${message}; its last words:\n  ${tail}`, true);
  }
}
