/** The processes of `cron-once`: three of `apps/zookeeper/cron-replica`, on free ports, in a folder that goes with them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { allocatePorts, releasePort } from '@menagerie/zookeeper-testing';

const IDS = [1, 2, 3];
const MAIN = join(import.meta.dirname, '../../../../../apps/zookeeper/cron-replica/dist/main.js');
const TICK_TIME_MS = 500;
const SESSION_TIMEOUT_MS = 4_000;
const STOP_MS = 20_000;
const HEALTH_MS = 2_000;
/** What a replica printed, for the message when it ends by itself. */
const KEEP_CHARACTERS = 2_000;

export interface TickLine {
  readonly tick: Date;
  readonly by: number;
}

interface Replica {
  readonly id: number;
  readonly ports: readonly number[];
  readonly dataDir: string;
  process: ChildProcess | null;
  output: string;
}

export class CronReplicas implements AsyncDisposable {
  private constructor(
    private readonly folder: string,
    private readonly replicas: readonly Replica[],
  ) {}

  static async start(): Promise<CronReplicas> {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-cron-once-'));
    const ports = await allocatePorts(4 * IDS.length);
    const replicas = IDS.map((id, i) => {
      return { id, ports: ports.slice(4 * i, 4 * i + 4), dataDir: join(folder, String(id)), process: null, output: '' };
    });
    const all = new CronReplicas(folder, replicas);
    for (const id of IDS) all.launch(id);
    return all;
  }

  launch(id: number): void {
    const replica = this.replica(id);
    const members = this.replicas.map(({ id: each, ports: [, client, quorum, election] }) => {
      return `${each}=127.0.0.1:${client}:${quorum}:${election}`;
    });
    const env = {
      PATH: process.env.PATH,
      MEMBER_ID: String(id),
      MEMBERS: members.join(','),
      DATA_DIR: replica.dataDir,
      HTTP_PORT: String(replica.ports[0]),
      TICK_TIME_MS: String(TICK_TIME_MS),
      SESSION_TIMEOUT_MS: String(SESSION_TIMEOUT_MS),
      LOG_LEVEL: 'warn',
    };
    const child = spawn(process.execPath, [MAIN], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk: Buffer) => (replica.output = `${replica.output}${chunk}`.slice(-KEEP_CHARACTERS));
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    replica.process = child;
  }

  /** kill -9. Resolves when the process is gone. */
  async kill(id: number): Promise<void> {
    await this.end(this.replica(id), 'SIGKILL');
  }

  /** SIGTERM to all, one after the other. @returns exit codes */
  async stop(): Promise<ReadonlyMap<number, number | string | null>> {
    const codes = new Map<number, number | string | null>();
    for (const replica of this.replicas) codes.set(replica.id, await this.end(replica, 'SIGTERM'));
    return codes;
  }

  /** What the members of the healthy replicas are. */
  async roles(): Promise<ReadonlyMap<number, string>> {
    const roles = new Map<number, string>();
    for (const { id, ports, process: child } of this.replicas) {
      if (child === null) continue;
      try {
        const signal = AbortSignal.timeout(HEALTH_MS);
        const answer = await fetch(`http://127.0.0.1:${ports[0]}/health`, { signal });
        const body = (await answer.json()) as { details?: { zookeeper?: { role?: string; session?: string } } };
        const { role, session } = body.details?.zookeeper ?? {};
        if (answer.ok && role !== undefined && session === 'connected') roles.set(id, role);
      } catch {
        // Down, or not up yet: then it has no role.
      }
    }
    return roles;
  }

  /** Every tick that any replica has written down, in the order of time. */
  ledger(): readonly TickLine[] {
    const lines = this.replicas.flatMap(({ dataDir }) => readLines(join(dataDir, 'ticks.jsonl')));
    return lines
      .map((line) => JSON.parse(line) as { tick: string; by: number })
      .map(({ tick, by }) => ({ tick: new Date(tick), by }))
      .sort((a, b) => a.tick.getTime() - b.tick.getTime());
  }

  /** Fire times of which the ensemble has a record. */
  async recorded(): Promise<ReadonlySet<string>> {
    const connect = this.replicas.map(({ ports }) => `127.0.0.1:${ports[1]}`).join(',');
    await using zk = await ZooKeeper.connect({ connect, sessionTimeoutMs: SESSION_TIMEOUT_MS });
    await zk.sync('/');
    return new Set((await zk.getChildren('/apps/cron-replica/cron/tick')).children);
  }

  unexpectedlyEnded(): string | undefined {
    const ended = this.replicas.find(({ process: child }) => child !== null && child.exitCode !== null);
    return ended && `replica ${ended.id} ended by itself: ${ended.output}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.replicas.map((replica) => this.end(replica, 'SIGKILL')));
    for (const { ports } of this.replicas) for (const port of ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async end(replica: Replica, signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string | null> {
    const child = replica.process;
    if (child === null) return null;
    replica.process = null;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
    const exited = once(child, 'exit');
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await exited;
    clearTimeout(timer);
    return child.exitCode ?? child.signalCode;
  }

  private replica(id: number): Replica {
    return this.replicas[id - 1] as Replica;
  }
}

/** Whole lines only: the last may be half written. */
function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
