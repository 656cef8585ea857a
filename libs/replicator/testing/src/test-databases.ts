/** Two MariaDB servers, a source with a binlog as replication needs it and a target, in folders of their own. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MariaDb } from '@menagerie/platform-database';
import type { DatabasePlace } from '@menagerie/replicator-core';
import { allocatePorts, releasePort } from '@menagerie/zookeeper-testing';

/** What the source of a replication must be started with. */
export const SOURCE_ARGS: readonly string[] = [
  '--server-id=1',
  '--log-bin=bin',
  '--binlog-format=ROW',
  '--binlog-row-image=FULL',
  '--binlog-row-metadata=FULL',
];
/** And what its user may do beside reading the tables. */
export const SOURCE_PRIVILEGES: readonly string[] = ['REPLICATION SLAVE', 'BINLOG MONITOR'];

export interface TestDatabasesOptions {
  readonly sourceArgs?: readonly string[];
  readonly targetArgs?: readonly string[];
  readonly sourcePrivileges?: readonly string[];
  readonly targetPrivileges?: readonly string[];
}

export class TestDatabases implements AsyncDisposable {
  private constructor(
    readonly source: MariaDb,
    readonly target: MariaDb,
    readonly folder: string,
    private readonly ports: readonly number[],
  ) {}

  static async start(options: TestDatabasesOptions = {}): Promise<TestDatabases> {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-replicator-'));
    const ports = await allocatePorts(2);
    const [sourcePort = 0, targetPort = 0] = ports;
    const started = await Promise.allSettled([
      MariaDb.start({
        folder: join(folder, 'source'),
        port: sourcePort,
        database: 'shop',
        user: 'repl',
        password: randomBytes(12).toString('hex'),
        globalPrivileges: options.sourcePrivileges ?? SOURCE_PRIVILEGES,
        args: [...SOURCE_ARGS, ...(options.sourceArgs ?? [])],
      }),
      MariaDb.start({
        folder: join(folder, 'target'),
        port: targetPort,
        database: 'copy',
        user: 'repl',
        password: randomBytes(12).toString('hex'),
        globalPrivileges: options.targetPrivileges ?? [],
        args: ['--server-id=2', ...(options.targetArgs ?? [])],
      }),
    ]);
    const running = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const [source, target] = running;
    if (source !== undefined && target !== undefined) return new TestDatabases(source, target, folder, ports);
    await Promise.all(running.map((one) => one.kill()));
    rmSync(folder, { recursive: true, force: true });
    throw started.find((one) => one.status === 'rejected')?.reason;
  }

  get sourcePlace(): DatabasePlace {
    return this.source.address;
  }

  get targetPlace(): DatabasePlace {
    return this.target.address;
  }

  async close(): Promise<void> {
    await Promise.all([this.source.kill(), this.target.kill()]);
    for (const port of this.ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
