/** A real Kafka for a test: brokers on free ports with folders of their own, gone without a trace afterwards. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot, TestProcess } from '@menagerie/platform-testing';
import { allocatePorts, releasePort, waitFor } from '@menagerie/zookeeper-testing';

export interface TestKafkaOptions {
  readonly zkConnect: string;
  /** Default 3; their ids are 1, 2, ... */
  readonly brokers?: number;
  /** Beside the plaintext one, by their security protocols: `SASL_PLAINTEXT`, `SSL`, `SASL_SSL`. */
  readonly listeners?: readonly string[];
  /** Over what the kit sets, for all brokers. */
  readonly properties?: Readonly<Record<string, string>>;
}

/** What `GET /broker` says. */
export interface BrokerView {
  readonly id: number;
  readonly controllerId: number;
  readonly controllerEpoch: number | null;
  /** How many it has been told of. */
  readonly brokers: number;
  readonly partitions: number;
  readonly leaders: number;
  readonly underReplicated: number;
}

/** What `GET /partitions` says of each. */
export interface PartitionView {
  readonly topic: string;
  readonly partition: number;
  readonly role: 'leader' | 'follower';
  readonly leader: number;
  readonly leaderEpoch: number;
  readonly isr: readonly number[];
  readonly logStartOffset: number;
  readonly highWatermark: number;
  /** Readers of committed data get no further. */
  readonly lastStableOffset: number;
  readonly logEndOffset: number;
}

/** Everything happens fast, so that a test sees in seconds what takes minutes with Kafka's own settings. */
const quick = {
  'zookeeper.session.timeout.ms': '3000',
  'zookeeper.connection.timeout.ms': '60000',
  'group.initial.rebalance.delay.ms': '0',
  'group.min.session.timeout.ms': '1000',
  'offsets.topic.num.partitions': '3',
  'transaction.state.log.num.partitions': '3',
  'replica.lag.time.max.ms': '3000',
  'replica.fetch.backoff.ms': '100',
  'controlled.shutdown.retry.backoff.ms': '200',
  'num.partitions': '1',
  'default.replication.factor': '3',
};

const READY_WAIT_MS = 60_000;
const ANSWER_MS = 3_000;

export interface TestBroker {
  readonly id: number;
  readonly address: string;
  /** Of every listener, by its security protocol. */
  readonly addresses: Readonly<Record<string, string>>;
  readonly process: TestProcess;
  readonly logDir: string;
}

export class TestKafka implements AsyncDisposable {
  private constructor(
    readonly brokers: readonly TestBroker[],
    readonly folder: string,
    private readonly ports: readonly number[],
  ) {}

  /** Starts all of them and waits until each knows of all. */
  static async start(options: TestKafkaOptions): Promise<TestKafka> {
    const count = options.brokers ?? 3;
    const names = ['PLAINTEXT', ...(options.listeners ?? [])];
    const each = names.length + 1;
    const ports = await allocatePorts(each * count);
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-kafka-'));
    const brokers = Array.from({ length: count }, (_, index): TestBroker => {
      const id = index + 1;
      const http = ports[each * index]!;
      const addresses = Object.fromEntries(
        names.map((name, at) => [name, `127.0.0.1:${ports[each * index + 1 + at]!}`]),
      );
      const logDir = join(folder, `kafka${id}`);
      mkdirSync(logDir);
      const properties = {
        ...quick,
        ...(count < 3
          ? { 'offsets.topic.replication.factor': '1', 'default.replication.factor': '1', ...singleTxn }
          : {}),
        ...options.properties,
        'broker.id': String(id),
        listeners: names.map((name) => `${name}://${addresses[name]!}`).join(','),
        'log.dirs': logDir,
        'zookeeper.connect': options.zkConnect,
        'admin.http.listener': `http://127.0.0.1:${http}`,
      };
      const file = join(folder, `kafka${id}.properties`);
      const lines = Object.entries(properties).map(([key, value]) => `${key}=${value}`);
      writeFileSync(file, `${lines.join('\n')}\n`);
      const process = new TestProcess({
        id: `kafka${id}`,
        program: join(repositoryRoot(), 'bin/kafka-broker'),
        args: [file],
        address: `127.0.0.1:${http}`,
        folder,
        environment: {},
      });
      return { id, address: addresses['PLAINTEXT']!, addresses, process, logDir };
    });
    const kafka = new TestKafka(brokers, folder, ports);
    try {
      await Promise.all(brokers.map(({ process }) => process.start()));
      await kafka.whole();
    } catch (error) {
      await kafka.close();
      throw error;
    }
    return kafka;
  }

  /** For clients: `host:port`, one a broker. */
  get bootstrap(): readonly string[] {
    return this.brokers.map(({ address }) => address);
  }

  broker(id: number): TestBroker {
    const found = this.brokers.find((each) => each.id === id);
    if (found === undefined) throw new Error(`expected a broker of 1 to ${this.brokers.length}, got ${id}`);
    return found;
  }

  /** What a broker says of itself; null when it does not answer. */
  async view(id: number): Promise<BrokerView | null> {
    return (await this.get(id, '/broker')) as BrokerView | null;
  }

  async partitions(id: number): Promise<readonly PartitionView[]> {
    return ((await this.get(id, '/partitions')) as readonly PartitionView[] | null) ?? [];
  }

  private async get(id: number, path: string): Promise<unknown> {
    try {
      const { address } = this.broker(id).process;
      const response = await fetch(`http://${address}${path}`, { signal: AbortSignal.timeout(ANSWER_MS) });
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }

  /** The broker that reigns as controller now, with its epoch; null while there is none. */
  async controller(): Promise<{ readonly id: number; readonly epoch: number } | null> {
    const views = await Promise.all(this.brokers.map(({ id }) => this.view(id)));
    const reigning = views.flatMap((view) =>
      view === null || view.controllerEpoch === null ? [] : [{ id: view.id, epoch: view.controllerEpoch }],
    );
    return reigning.sort((a, b) => b.epoch - a.epoch)[0] ?? null;
  }

  /** The leader of a partition, by its own word; null while there is none. */
  async leaderOf(topic: string, partition = 0): Promise<PartitionView | null> {
    const all = (await Promise.all(this.brokers.map(({ id }) => this.partitions(id)))).flat();
    const leaders = all.filter(
      (each) => each.topic === topic && each.partition === partition && each.role === 'leader',
    );
    return leaders.sort((a, b) => b.leaderEpoch - a.leaderEpoch)[0] ?? null;
  }

  /** Waits until one of the brokers is the controller, and has told every one that runs of all. */
  async whole(): Promise<void> {
    await waitFor(async () => (await this.controller()) !== null, { timeoutMs: READY_WAIT_MS, what: 'a controller' });
    await waitFor(
      async () => {
        const views = await Promise.all(this.running.map((broker) => this.view(broker.id)));
        return views.every((view) => view !== null && view.controllerId >= 0 && view.brokers === views.length);
      },
      { timeoutMs: READY_WAIT_MS, what: 'all brokers to know of all' },
    );
  }

  private get running(): readonly TestBroker[] {
    return this.brokers.filter(({ process }) => process.pid !== null);
  }

  /** Kills what runs and removes its folders. */
  async close(): Promise<void> {
    await Promise.all(this.brokers.map(({ process }) => process.end('SIGKILL')));
    for (const port of this.ports) releasePort(port);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

const singleTxn = {
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
};
