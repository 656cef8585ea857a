/** A whole replicator for a test: ensemble, two databases, server, monitor and cores, gone without a trace afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, TestProcess, TestService } from '@menagerie/platform-testing';
import type { CoreView, Task, TaskStatusView } from '@menagerie/replicator-core';
import type { Comparison } from '@menagerie/replicator-mariadb';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import {
  allocatePort,
  type Engine,
  releasePort,
  startTestEnsemble,
  type TestEnsemble,
  waitFor,
} from '@menagerie/zookeeper-testing';
import { openShop, SHOP_TABLES } from './shop.js';
import { TestDatabases, type TestDatabasesOptions } from './test-databases.js';

export interface TestReplicatorOptions {
  /** Default 1. */
  readonly servers?: number;
  /** Default `embedded`; `menagerie` for servers that can be killed for real. */
  readonly engine?: Engine;
  /** Of the ensemble; default 500. */
  readonly tickTimeMs?: number;
  /** Of the cores; default 2000. */
  readonly sessionTimeoutMs?: number;
  readonly databases?: TestDatabasesOptions;
  /** Default 200. */
  readonly items?: number;
}

export interface CoreOptions {
  /** Hot, for this task, or cold, for the tasks of this group. */
  readonly task?: string;
  readonly group?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

const CAUGHT_UP_MS = 60_000;
const QUICK_ANSWER_MS = 1_000;

export class TestReplicator implements AsyncDisposable {
  readonly cores: TestService[] = [];
  private readonly services: TestService[] = [];
  private readonly ports: number[] = [];

  private constructor(
    readonly ensemble: TestEnsemble,
    readonly databases: TestDatabases,
    /** A session of the test's own, without credentials: for what everybody may see. */
    readonly zk: ZooKeeperClient,
    private readonly folder: string,
    private readonly sessionTimeoutMs: number,
  ) {}

  /** Everything but cores and tasks. */
  static async start(options: TestReplicatorOptions = {}): Promise<TestReplicator> {
    const { servers = 1, engine = 'embedded', tickTimeMs = 500, sessionTimeoutMs = 2_000 } = options;
    const [ensemble, databases] = await Promise.all([
      startTestEnsemble({ servers, engine, tickTimeMs }),
      TestDatabases.start(options.databases),
    ]);
    const zk = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 10_000 });
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-cores-'));
    const replicator = new TestReplicator(ensemble, databases, zk, folder, sessionTimeoutMs);
    try {
      const pool = databases.source.pool(1);
      await openShop(pool, options.items);
      await pool.end();
      await Promise.all([replicator.service('server', 'server1'), replicator.service('monitor', 'monitor1')]);
      return replicator;
    } catch (error) {
      await replicator.close();
      throw error;
    }
  }

  get server(): TestService {
    return this.services[0] as TestService;
  }

  get monitor(): TestService {
    return this.services[1] as TestService;
  }

  get processes(): readonly TestProcess[] {
    return [...this.services, ...this.cores].map(({ process }) => process);
  }

  /** `name` or `group/name`. @returns what the server makes of it */
  async makeTask(key: string, changes: Partial<Task> = {}): Promise<void> {
    const { sourcePlace: source, targetPlace: target } = this.databases;
    await this.server.post(`/tasks/${pathOf(key)}`, { source, target, tables: SHOP_TABLES, ...changes });
  }

  async core(id: string, { task, group, environment = {} }: CoreOptions): Promise<TestService> {
    const own =
      group === undefined ? { CORE_MODE: 'hot', CORE_TASKS: task ?? '' } : { CORE_MODE: 'cold', CORE_GROUP: group };
    const core = await this.laidOut('core', id, { ...own, CORE_COMMIT_EVERY_MS: '200', ...environment });
    this.cores.push(core);
    await core.process.start();
    return core;
  }

  view(core: TestService): Promise<CoreView> {
    return core.get('/core') as Promise<CoreView>;
  }

  async status(key: string): Promise<TaskStatusView | null> {
    const all = (await this.monitor.get('/tasks')) as TaskStatusView[];
    return all.find(({ task }) => task === key) ?? null;
  }

  compare(key: string): Promise<Comparison> {
    return this.server.get(`/tasks/${pathOf(key, 'compare')}`) as Promise<Comparison>;
  }

  /** The core that runs the task and copies, by its own word; one that stands still says nothing. */
  async running(key: string): Promise<TestService | null> {
    const asked = this.cores.filter(({ process }) => process.pid !== null);
    const answers = await Promise.all(asked.map(phaseOf(key)));
    return asked[answers.indexOf('running')] ?? null;
  }

  /** Waits until the target has all that the source has. Nobody may write meanwhile. @returns both sides, equal or not */
  async caughtUp(key: string, timeoutMs = CAUGHT_UP_MS): Promise<Comparison> {
    let last: Comparison | null = null;
    try {
      await waitFor(
        async () => {
          last = await this.compare(key);
          return last.isCaughtUp;
        },
        { timeoutMs, what: `${key} to catch up`, intervalMs: 100 },
      );
    } catch (error) {
      if (last === null) throw error;
    }
    return last as unknown as Comparison;
  }

  async close(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.end('SIGKILL')));
    await this.zk.close();
    await Promise.all([this.ensemble.close(), this.databases.close()]);
    for (const port of this.ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async service(app: string, id: string): Promise<void> {
    const service = await this.laidOut(app, id, { ZK_SESSION_TIMEOUT_MS: '10000' });
    this.services.push(service);
    this.services.sort((a, b) => (a.id < b.id ? 1 : -1));
    await service.process.start();
  }

  private async laidOut(app: string, id: string, environment: Readonly<Record<string, string>>): Promise<TestService> {
    const port = await allocatePort();
    this.ports.push(port);
    return new TestService(
      new TestProcess({
        id,
        program: join(repositoryRoot(), 'apps/mysql-replicator', app, 'dist/main.js'),
        address: `127.0.0.1:${port}`,
        folder: this.folder,
        environment: {
          SERVICE_ID: id,
          HTTP_PORT: String(port),
          ZK_CONNECT: this.ensemble.connectString,
          ZK_SESSION_TIMEOUT_MS: String(this.sessionTimeoutMs),
          REPLICATOR_SECRET_FILE: join(this.folder, 'replicator.secret'),
          ...environment,
        },
      }),
    );
  }
}

const phaseOf =
  (key: string) =>
  async ({ url }: TestService): Promise<string | null> => {
    try {
      const response = await fetch(`${url}/core`, { signal: AbortSignal.timeout(QUICK_ANSWER_MS) });
      const { duties } = (await response.json()) as CoreView;
      return duties.find(({ task }) => task === key)?.phase ?? null;
    } catch {
      return null;
    }
  };

/** `group/name` as the server's URLs have it. */
function pathOf(key: string, verb?: string): string {
  const [first = '', second] = key.split('/');
  const tail = verb === undefined ? '' : `/${verb}`;
  return second === undefined ? `${first}${tail}` : `${second}${tail}?group=${first}`;
}
