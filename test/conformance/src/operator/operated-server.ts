/** Servers of either kind with an AdminServer each, and a client that has left something to see. */
import { CreateMode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import {
  allocatePorts,
  type Engine,
  releasePort,
  startTestEnsemble,
  type TestEnsemble,
} from '@menagerie/zookeeper-testing';

export interface OperatedOptions {
  readonly engine: Engine;
  readonly servers?: 1 | 3;
  readonly config?: Readonly<Record<string, string>>;
}

export class OperatedEnsemble implements AsyncDisposable {
  private constructor(
    readonly ensemble: TestEnsemble,
    readonly client: ZooKeeperClient,
    private readonly adminPorts: readonly number[],
  ) {}

  static async start({ engine, servers = 1, config = {} }: OperatedOptions): Promise<OperatedEnsemble> {
    const adminPorts = await allocatePorts(servers);
    const ensemble = await startTestEnsemble({
      engine,
      servers,
      config: (id) => ({
        'admin.enableServer': 'true',
        'admin.serverPort': String(adminPorts[id - 1]),
        'admin.serverAddress': '127.0.0.1',
        extendedTypesEnabled: 'true',
        preAllocSize: '64',
        ...config,
      }),
    });
    const client = await ZooKeeper.connect({ connect: ensemble.servers[0]!.address, sessionTimeoutMs: 8000 });
    await client.create('/a', 'x', { mode: CreateMode.ephemeral });
    await client.getData('/a', { watch: () => undefined });
    return new OperatedEnsemble(ensemble, client, adminPorts);
  }

  /** Of a server's AdminServer. */
  url(path: string, server = 1): string {
    return `http://127.0.0.1:${this.adminPorts[server - 1]}${path}`;
  }

  async fields(command: string, server = 1): Promise<Record<string, unknown>> {
    const response = await fetch(this.url(`/commands/${command}`, server));
    return (await response.json()) as Record<string, unknown>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.ensemble.close();
    for (const port of this.adminPorts) releasePort(port);
  }
}
