/** Log collection for a test: processes on free ports with folders of their own, gone without a trace afterwards. */
import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_SETTINGS, logsPaths, readPayload, type Settings } from '@menagerie/logs-core';
import { repositoryRoot, TestProcess } from '@menagerie/platform-testing';
import { isNodeExists, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { allocatePorts, releasePort, waitFor } from '@menagerie/zookeeper-testing';
import { checkLines, type LineCheck } from './line-check.js';
import { LineWriter } from './line-writer.js';
import { checkTopic } from './topic-check.js';

export interface TestLogsOptions {
  readonly zkConnect: string;
  /** Default 2. */
  readonly allocators?: number;
  /** Default 3. */
  readonly collectors?: number;
  /** Default 2. */
  readonly agents?: number;
  /** Of each agent; default 4. */
  readonly sources?: number;
  /** Over what the kit sets, which is fast. */
  readonly settings?: Partial<Settings>;
  /** From 0 to below 1; default `Math.random`. */
  readonly random?: () => number;
  /** Collectors write to this topic as well. */
  readonly kafka?: { readonly brokers: readonly string[]; readonly topic: string };
  /** For all processes. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A test sees in seconds what takes minutes with a data centre's settings. */
const QUICK: Partial<Settings> = {
  pollMs: 200,
  silentAfterMs: 1_500,
  moveDelayMs: 1_000,
  debounceMs: 300,
  balanceEveryMs: 5_000,
};
const WAIT_MS = 60_000;

export class TestLogs implements AsyncDisposable {
  private readonly twins: TestProcess[] = [];

  private constructor(
    readonly allocators: readonly TestProcess[],
    readonly collectors: readonly TestProcess[],
    readonly agents: readonly TestProcess[],
    readonly writers: readonly LineWriter[],
    readonly zk: ZooKeeperClient,
    readonly folder: string,
    private readonly ports: number[],
    private readonly makeCollector: (id: string, port: number) => TestProcess,
    private readonly kafka: TestLogsOptions['kafka'],
  ) {}

  static async start(options: TestLogsOptions): Promise<TestLogs> {
    const { allocators = 2, collectors = 3, agents = 2, sources = 4, random = Math.random } = options;
    const ports = await allocatePorts(allocators + collectors + agents);
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-logs-'));
    mkdirSync(join(folder, 'source'), { recursive: true });
    let used = 0;
    const nextPort = (): number => ports[used++] ?? 0;
    const process = (
      app: string,
      id: string,
      prefix: string,
      own: Record<string, string>,
      port = nextPort(),
    ): TestProcess => {
      return new TestProcess({
        id,
        program: join(repositoryRoot(), 'apps/logs', app, 'dist/main.js'),
        address: `127.0.0.1:${port}`,
        folder,
        environment: {
          ZK_CONNECT: options.zkConnect,
          ZK_SESSION_TIMEOUT_MS: '2000',
          DATA_DIR: join(folder, id),
          [`${prefix}_ID`]: id,
          [`${prefix}_HTTP_PORT`]: String(port),
          ...own,
          ...options.environment,
        },
      });
    };
    const many = <T>(count: number, make: (number: number) => T): T[] =>
      Array.from({ length: count }, (_, index) => make(index + 1));
    const writers: LineWriter[] = [];
    const agentProcesses = many(agents, (number) => {
      const files = many(sources, (n) => {
        const source = `web-${number}-${n}`;
        const path = join(folder, 'source', `${source}.log`);
        appendFileSync(path, '');
        writers.push(new LineWriter({ source, path, random }));
        return `${source}=${path}`;
      });
      return process('agent', `agent${number}`, 'AGENT', {
        AGENT_FILES: files.join(','),
        AGENT_LOOK_MS: '50',
        AGENT_ROTATION_GRACE_MS: '300',
      });
    });
    const makeCollector = (id: string, port: number): TestProcess =>
      process(
        'collector',
        id,
        'COLLECTOR',
        {
          COLLECTOR_SINK_DIR: join(folder, 'sink'),
          COLLECTOR_REPORT_MS: '300',
          COLLECTOR_LINGER_MS: '50',
          ...kafkaEnvironment(options.kafka),
        },
        port,
      );
    const zk = await ZooKeeper.connect({ connect: options.zkConnect, sessionTimeoutMs: 10_000 });
    const logs = new TestLogs(
      many(allocators, (number) => process('allocator', `allocator${number}`, 'ALLOCATOR', {})),
      many(collectors, (number) => makeCollector(`host${number}`, nextPort())),
      agentProcesses,
      writers,
      zk,
      folder,
      ports,
      makeCollector,
      options.kafka,
    );
    try {
      await logs.configure({ ...QUICK, ...options.settings });
      await Promise.all(logs.processes.map((one) => one.start()));
      await logs.settled();
    } catch (error) {
      await logs.close();
      throw error;
    }
    return logs;
  }

  get sinkDir(): string {
    return join(this.folder, 'sink');
  }

  get processes(): readonly TestProcess[] {
    return [...this.allocators, ...this.agents, ...this.collectors, ...this.twins];
  }

  /** Starts another collector of the same name, as when two machines are called alike. */
  async startTwin(id: string): Promise<TestProcess> {
    const [port] = await allocatePorts(1);
    if (port === undefined) throw new Error('expected a port');
    this.ports.push(port);
    const twin = this.makeCollector(id, port);
    this.twins.push(twin);
    await twin.start();
    return twin;
  }

  /** Changes the settings for all allocators. */
  async configure(settings: Partial<Settings>): Promise<void> {
    await this.zk.mkdirp(logsPaths.allocator);
    try {
      await this.zk.create(logsPaths.settings, JSON.stringify({ ...DEFAULT_SETTINGS, ...settings }));
    } catch (error) {
      if (!isNodeExists(error)) throw error;
      const { data } = await this.zk.getData(logsPaths.settings);
      const now = readPayload.settings(data, logsPaths.settings);
      await this.zk.setData(logsPaths.settings, JSON.stringify({ ...now, ...settings }));
    }
  }

  /** Who has what by the lists. */
  async owners(): Promise<ReadonlyMap<string, string>> {
    const owners = new Map<string, string>();
    const { children } = await this.zk.getChildren(logsPaths.collectors);
    for (const id of children) {
      const path = logsPaths.collector(id);
      const { sources } = readPayload.assignment((await this.zk.getData(path)).data, path);
      for (const source of sources) owners.set(source, id);
    }
    return owners;
  }

  /** Waits until every source has an owner and every collector that runs has something. */
  async settled(): Promise<ReadonlyMap<string, string>> {
    return await waitFor(
      async () => {
        const owners = await this.owners();
        const busy = new Set(owners.values());
        const idle = this.collectors.filter((one) => one.pid !== null && !busy.has(one.id));
        return owners.size >= this.writers.length && idle.length === 0 ? owners : null;
      },
      { timeoutMs: WAIT_MS, what: 'an owner for every source and work for every collector', intervalMs: 100 },
    );
  }

  /** Waits until the sink has every line that was written. @returns what it has, source by source */
  async collected(timeoutMs: number = WAIT_MS): Promise<readonly LineCheck[]> {
    for (const writer of this.writers) writer.finish();
    let checks: readonly LineCheck[] = [];
    try {
      await waitFor(
        async () => {
          checks = await this.check();
          return checks.every(({ missing }) => missing === 0);
        },
        { timeoutMs, what: 'every line at the sink', intervalMs: 200 },
      );
    } catch {
      // What is missing stands in the checks.
    }
    return checks;
  }

  /** Reads the topic until it has every line. @returns what it has, source by source */
  async collectedInTopic(timeoutMs: number = WAIT_MS): Promise<readonly LineCheck[]> {
    if (this.kafka === undefined) throw new Error('expected to be started with a topic');
    for (const writer of this.writers) writer.finish();
    const written = new Map(this.writers.map((writer) => [writer.source, writer.written]));
    return await checkTopic({ ...this.kafka, written, timeoutMs });
  }

  async check(): Promise<readonly LineCheck[]> {
    return await Promise.all(this.writers.map(({ source, written }) => checkLines(this.sinkDir, source, written)));
  }

  /** Kills what runs and removes its folders. */
  async close(): Promise<void> {
    await Promise.all(this.processes.map((one) => one.end('SIGKILL')));
    await this.zk.close();
    for (const port of this.ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const kafkaEnvironment = (kafka: TestLogsOptions['kafka']): Record<string, string> =>
  kafka === undefined
    ? {}
    : {
        COLLECTOR_SINKS: 'files,kafka',
        COLLECTOR_KAFKA_BROKERS: kafka.brokers.join(','),
        COLLECTOR_KAFKA_TOPIC: kafka.topic,
      };
