/** Services of the basic patterns on an ensemble and databases of their own, gone without a trace afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MariaDb } from '@menagerie/platform-database';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import {
  allocatePort,
  type Engine,
  releasePort,
  startTestEnsemble,
  type TestEnsemble,
} from '@menagerie/zookeeper-testing';
import { repositoryRoot } from '../repository-root.js';
import { TestProcess } from '../test-process.js';
import { TestService } from './test-service.js';

export interface TestPatternsOptions {
  /** Default 3. */
  readonly servers?: number;
  /** Default `embedded`; `menagerie` for servers that can be killed for real. */
  readonly engine?: Engine;
  /** Of the services; default 2000. */
  readonly sessionTimeoutMs?: number;
}

export class TestPatterns implements AsyncDisposable {
  private readonly services: TestService[] = [];
  private readonly databases: MariaDb[] = [];
  private readonly ports: number[] = [];

  private constructor(
    readonly ensemble: TestEnsemble,
    /** A session of the test's own, for looking at znodes. */
    readonly zk: ZooKeeperClient,
    readonly folder: string,
    private readonly sessionTimeoutMs: number,
  ) {}

  static async start({ servers = 3, engine = 'embedded', sessionTimeoutMs = 2_000 }: TestPatternsOptions = {}) {
    const ensemble = await startTestEnsemble({ servers, engine });
    try {
      const zk = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: 10_000 });
      return new TestPatterns(ensemble, zk, mkdtempSync(join(tmpdir(), 'menagerie-patterns-')), sessionTimeoutMs);
    } catch (error) {
      await ensemble.close();
      throw error;
    }
  }

  /**
   * One process, started and answering.
   * @param app below `apps/platform`, or with its system: `dubbo/provider`
   * @param environment beside the common ones; `DATA_DIR` is a folder of the process's own unless it is given
   */
  async service(app: string, id: string, environment: Readonly<Record<string, string>> = {}): Promise<TestService> {
    const service = await this.laidOut(app, id, environment);
    await service.process.start();
    return service;
  }

  /** The same, not started. */
  async laidOut(app: string, id: string, environment: Readonly<Record<string, string>> = {}): Promise<TestService> {
    const port = await this.port();
    const address = `127.0.0.1:${port}`;
    const process = new TestProcess({
      id,
      program: join(repositoryRoot(), 'apps', app.includes('/') ? app : `platform/${app}`, 'dist/main.js'),
      address,
      folder: this.folder,
      environment: {
        SERVICE_ID: id,
        HTTP_PORT: String(port),
        ZK_CONNECT: this.ensemble.connectString,
        ZK_SESSION_TIMEOUT_MS: String(this.sessionTimeoutMs),
        DATA_DIR: join(this.folder, id),
        ...environment,
      },
    });
    const service = new TestService(process);
    this.services.push(service);
    return service;
  }

  async database(name: string): Promise<MariaDb> {
    const database = await MariaDb.start({
      folder: join(this.folder, name),
      port: await this.port(),
      database: 'patterns',
      user: 'patterns',
      password: `${name}-${Math.random().toString(36).slice(2)}`,
    });
    this.databases.push(database);
    return database;
  }

  /** Claimed until the end. */
  async port(): Promise<number> {
    const port = await allocatePort();
    this.ports.push(port);
    return port;
  }

  async close(): Promise<void> {
    await Promise.all(this.services.map(({ process }) => process.end('SIGKILL')));
    await this.zk.close();
    await Promise.all([...this.databases.map((each) => each.kill()), this.ensemble.close()]);
    for (const port of this.ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
