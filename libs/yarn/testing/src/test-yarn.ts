/** A real YARN for a test: processes on free ports with folders of their own, gone without a trace afterwards. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, TestProcess } from '@menagerie/platform-testing';
import { parseRmAddresses, YarnClient } from '@menagerie/yarn-client';
import { allocatePorts, releasePort, waitFor } from '@menagerie/zookeeper-testing';

export interface TestYarnOptions {
  readonly zkConnect: string;
  /** Default 2. */
  readonly resourceManagers?: number;
  /** Default 3. */
  readonly nodeManagers?: number;
  /** Of each node; default 1536. */
  readonly memoryMb?: number;
  /** For all processes, over what the kit sets. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Everything happens fast, so that a test sees in seconds what takes minutes with YARN's own settings. */
const quick = {
  YARN_ZK_SESSION_TIMEOUT_MS: '2000',
  YARN_NM_HEARTBEAT_MS: '200',
  YARN_NM_EXPIRY_MS: '4000',
  YARN_AM_EXPIRY_MS: '8000',
  YARN_GRANT_EXPIRY_MS: '10000',
  YARN_SCHEDULING_WAIT_MS: '500',
  LOG_LEVEL: 'info',
};

const READY_WAIT_MS = 60_000;

export class TestYarn implements AsyncDisposable {
  private constructor(
    readonly client: YarnClient,
    readonly resourceManagers: readonly TestProcess[],
    readonly nodeManagers: readonly TestProcess[],
    /** For whatever a test wants all nodes to see. */
    readonly folder: string,
    private readonly ports: readonly number[],
  ) {}

  /** Starts all of it and waits until one is active and all nodes are there. */
  static async start(options: TestYarnOptions): Promise<TestYarn> {
    const rmCount = options.resourceManagers ?? 2;
    const nmCount = options.nodeManagers ?? 3;
    const ports = await allocatePorts(rmCount + nmCount);
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-yarn-'));
    const at = (index: number) => `127.0.0.1:${ports[index]}`;
    const names = Array.from({ length: rmCount }, (_, index) => `rm${index + 1}=${at(index)}`).join(',');
    const common = { ...quick, ZK_CONNECT: options.zkConnect, YARN_CLUSTER_ID: 'test', RM_ADDRESSES: names };
    const process = (id: string, port: number, app: string, own: Record<string, string>): TestProcess => {
      mkdirSync(join(folder, id), { recursive: true });
      return new TestProcess({
        id,
        program: join(repositoryRoot(), 'apps/yarn', app, 'dist/main.js'),
        address: at(port),
        folder,
        environment: { ...common, DATA_DIR: join(folder, id), ...own, ...options.environment },
      });
    };
    const resourceManagers = Array.from({ length: rmCount }, (_, index) =>
      process(`rm${index + 1}`, index, 'resource-manager', {
        RM_ID: `rm${index + 1}`,
        RM_HTTP_PORT: String(ports[index]),
      }),
    );
    const nodeManagers = Array.from({ length: nmCount }, (_, index) =>
      process(`nm${index + 1}`, rmCount + index, 'node-manager', {
        NM_ID: `nm${index + 1}`,
        NM_HTTP_PORT: String(ports[rmCount + index]),
        NM_MEMORY_MB: String(options.memoryMb ?? 1_536),
        NM_VCORES: '8',
      }),
    );
    const client = new YarnClient({
      addresses: parseRmAddresses(names),
      tryTimeoutMs: 2_000,
      sleepBaseMs: 100,
      sleepMaxMs: 500,
    });
    const yarn = new TestYarn(client, resourceManagers, nodeManagers, folder, ports);
    try {
      await Promise.all([...resourceManagers, ...nodeManagers].map((one) => one.start()));
      await yarn.whole();
    } catch (error) {
      await yarn.close();
      throw error;
    }
    return yarn;
  }

  /** Waits until one ResourceManager is active and all nodes are registered with it. */
  async whole(): Promise<void> {
    await waitFor(
      async () => {
        const nodes = await this.client.nodes({ deadlineMs: 2_000 });
        const running = nodes.filter((node) => node.state === 'RUNNING').map((node) => node.nodeHTTPAddress);
        return this.nodeManagers.every((node) => running.includes(node.address));
      },
      { timeoutMs: READY_WAIT_MS, what: 'an active ResourceManager with all its nodes', intervalMs: 100 },
    );
  }

  /** The process that says of itself that it is active, or null. */
  async active(): Promise<TestProcess | null> {
    const reports = await this.client.haReports({ timeoutMs: 1_000 });
    const active = reports.find((report) => 'info' in report && report.info.haState === 'ACTIVE');
    return this.resourceManagers.find((one) => one.id === active?.rm.rmId) ?? null;
  }

  get processes(): readonly TestProcess[] {
    return [...this.resourceManagers, ...this.nodeManagers];
  }

  process(id: string): TestProcess {
    const found = this.processes.find((one) => one.id === id);
    if (found === undefined)
      throw new Error(`expected one of ${this.processes.map((one) => one.id).join()}, got ${id}`);
    return found;
  }

  /** Kills what runs and removes its folders. */
  async close(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.end('SIGKILL')));
    for (const port of this.ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
