/** A real ensemble for a test: servers on free ports with folders of their own, gone without a trace afterwards. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReconfigRequest } from '@menagerie/zookeeper-protocol';
import { TestKitError } from '../errors.js';
import { expireSession } from '../expire-session.js';
import { allocatePorts, releasePort } from '../ports.js';
import { reconfigure } from '../reconfigure.js';
import { waitFor } from '../wait-for.js';
import type { Command } from './child-process.js';
import { engineAvailable, type Engine } from './engines.js';
import { LinkProxy } from '../proxy/link-proxy.js';
import { randomSeed, seededRandom } from '../random.js';
import { TestServer } from './test-server.js';
import { zooCfg, type ServerPorts } from './zoo-cfg.js';

const DEFAULT_TICK_TIME_MS = 500;
/** Java servers on a busy machine need their time. */
const START_WAIT_MS = 60_000;

/** A test's data is thrown away: nothing is gained by waiting for the disk. */
const hasty = { forceSync: 'no', preAllocSize: '64' } as const;

const folders = new Set<string>();

process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface TestEnsembleOptions {
  /** Default 1, a standalone server. Observers included. */
  readonly servers?: number;
  /** Ids of those which have no vote. */
  readonly observers?: readonly number[];
  /** Default `embedded`. With a list, one entry a server: an ensemble of two kinds. */
  readonly engine?: Engine | readonly Engine[];
  /** Of all that is left to chance, in embedded servers and in `random`; default another each time. */
  readonly seed?: number;
  /** Default 500: sessions of 1 to 10 seconds. */
  readonly tickTimeMs?: number;
  /** Further keys of zoo.cfg, for all servers, or for each its own. */
  readonly config?: Readonly<Record<string, string>> | ((id: number) => Readonly<Record<string, string>>);
  /**
   * Settings that Apache takes from Java's command line and from nowhere else (`znode.container.checkIntervalMs`), by
   * their full names; Menagerie's servers find them in zoo.cfg.
   */
  readonly systemProperties?: Readonly<Record<string, string>>;
  /** For Apache's Java instead of those that make it small and quick to start: a benchmark wants what operators run. */
  readonly jvmOptions?: readonly string[];
  /** Where each server lives, for tests that break more than a process; default: all on 127.0.0.1, in one folder. */
  readonly place?: (id: number) => ServerPlace;
}

type SeededOptions = TestEnsembleOptions & { readonly seed: number };

/** A place for one server: an address, a disk and a way to be started there. */
export interface ServerPlace {
  /** Address that it listens on and is reached at. */
  readonly host?: string;
  /** An existing folder of its own, which stays when the ensemble is closed. */
  readonly dataDir?: string;
  /** What is really run for its command: in a network namespace, say. The process must stay the same one (`exec`). */
  readonly launchWith?: (command: Command) => Command;
}

export class TestEnsemble implements AsyncDisposable {
  readonly #servers: TestServer[];
  /** Belongs into the message of a test that fails: with it, the same choices are made again. */
  readonly seed: number;
  /** 0 <= random() < 1, from the seed: for what a test leaves to chance. */
  readonly random: () => number;
  readonly #folder: string;
  readonly #options: SeededOptions;
  readonly #links: LinkProxy[] = [];

  constructor(servers: readonly TestServer[], folder: string, options: SeededOptions) {
    this.#servers = [...servers];
    this.#folder = folder;
    this.#options = options;
    this.seed = options.seed;
    this.random = seededRandom(options.seed);
  }

  /** In the order of their ids. */
  get servers(): readonly TestServer[] {
    return this.#servers;
  }

  /** All servers, running or not. */
  get connectString(): string {
    return this.servers.map((server) => server.address).join(',');
  }

  server(id: number): TestServer {
    const server = this.servers.find((each) => each.id === id);
    if (server === undefined)
      throw new TestKitError('TESTKIT_MISUSE', `expected a server id of 1 to ${this.servers.length}, got ${id}`);
    return server;
  }

  /** The server that leads now, or serves alone; null while there is none. */
  async leader(): Promise<TestServer | null> {
    const modes = await Promise.all(this.servers.map((server) => server.mode()));
    return this.servers.find((_, index) => modes[index] === 'leader' || modes[index] === 'standalone') ?? null;
  }

  /** Waits for a leader. @throws TestKitError `TESTKIT_TIMEOUT` */
  waitForLeader(timeoutMs: number = START_WAIT_MS): Promise<TestServer> {
    return waitFor(() => this.leader(), { timeoutMs, what: 'a leader' });
  }

  /** kill -9 of whichever server leads, when one does. @returns it, to be started again */
  async killLeader(): Promise<TestServer> {
    const leader = await this.waitForLeader();
    await this.kill(leader.id);
    return leader;
  }

  /** A link to a server, for clients that connect to its `address`: to be cut, stalled or slowed. Closed with the ensemble. */
  async link(id = 1): Promise<LinkProxy> {
    const { host, clientPort } = this.server(id);
    const link = await LinkProxy.start({ host, port: clientPort });
    this.#links.push(link);
    return link;
  }

  /** kill -9. Resolves when the process is gone. */
  kill(id: number): Promise<void> {
    return this.server(id).end('SIGKILL');
  }

  /** SIGTERM, the way an init system does it. Resolves when the process is gone. */
  stop(id: number): Promise<void> {
    return this.server(id).end('SIGTERM');
  }

  /** SIGSTOP: the process stands still, its sockets stay open. */
  pause(id: number): void {
    this.server(id).signal('SIGSTOP');
  }

  resume(id: number): void {
    this.server(id).signal('SIGCONT');
  }

  /**
   * Starts a server that does not run, on its old data. Resolves when it serves, which takes a quorum.
   * With another engine than before, the one takes over the other's disk.
   */
  async start(id: number, engine?: Engine): Promise<void> {
    this.server(id).launch(engine);
    await this.server(id).serving(START_WAIT_MS);
  }

  /** Starts it without waiting. */
  launch(id: number, engine?: Engine): void {
    this.server(id).launch(engine);
  }

  /** Ends a client's session as an expiry would, through any server that serves. */
  async expireSession(id: bigint, password: Buffer): Promise<void> {
    const server = await waitFor(() => this.#anyServing(), { timeoutMs: START_WAIT_MS, what: 'a server that serves' });
    await expireSession({ host: server.host, port: server.clientPort, id, password });
  }

  /**
   * Lays out one more server, which knows the others and is unknown to them until a reconfig lets it in (`memberLine`).
   * Not started: see `start`. Default engine: that of the last server.
   */
  async add(engine: Engine = this.#servers.at(-1)!.engine): Promise<TestServer> {
    const id = Math.max(...this.#servers.map((server) => server.id)) + 1;
    const own = (await ensemblePorts([id], this.#options.place)).get(id)!;
    const ports = new Map([...this.#servers.map((server) => [server.id, server.ports] as const), [id, own] as const]);
    const server = layOut(id, engine, join(this.#folder, String(id)), ports, this.#options);
    this.#servers.push(server);
    return server;
  }

  /** Changes the members through the server that leads. @see reconfigure */
  async reconfigure(change: Partial<ReconfigRequest>): Promise<string> {
    const { host, clientPort } = await this.waitForLeader();
    return reconfigure({ ...change, host, port: clientPort });
  }

  /** Kills what runs and removes its folders. */
  async close(): Promise<void> {
    await Promise.all(this.#links.splice(0).map((link) => link.close()));
    await Promise.all(this.servers.map((server) => server.end('SIGKILL')));
    for (const { ports } of this.servers)
      for (const port of [ports.client, ports.quorum, ports.election]) releasePort(port);
    rmSync(this.#folder, { recursive: true, force: true });
    folders.delete(this.#folder);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #anyServing(): Promise<TestServer | null> {
    for (const server of this.servers) if ((await server.mode()) !== null) return server;
    return null;
  }
}

/**
 * Starts servers and waits until all of them serve.
 *
 * @throws TestKitError `TESTKIT_ENGINE_MISSING` when this machine can not run the engine (see `engineAvailable`),
 *   `TESTKIT_SERVER_EXITED` with the end of its log when one does not come up
 */
export async function startTestEnsemble(options: TestEnsembleOptions = {}): Promise<TestEnsemble> {
  const { servers: count = 1, engine = 'embedded', seed = randomSeed() } = options;
  const seeded = { ...options, seed };
  const engines: readonly Engine[] = typeof engine === 'string' ? new Array<Engine>(count).fill(engine) : engine;
  if (engines.length !== count) {
    throw new TestKitError('TESTKIT_MISUSE', `expected ${count} engines, one a server, got ${engines.length}`);
  }
  for (const each of new Set(engines)) {
    const { available, reason } = engineAvailable(each);
    if (!available) throw new TestKitError('TESTKIT_ENGINE_MISSING', reason);
  }
  const folder = mkdtempSync(join(tmpdir(), 'menagerie-test-ensemble-'));
  folders.add(folder);
  const ports = await ensemblePorts(
    engines.map((_, index) => index + 1),
    options.place,
  );
  const servers = engines.map((each, index) => layOut(index + 1, each, join(folder, String(index + 1)), ports, seeded));
  const ensemble = new TestEnsemble(servers, folder, seeded);
  try {
    for (const server of servers) server.launch();
    await Promise.all(servers.map((server) => server.serving(START_WAIT_MS)));
  } catch (error) {
    await ensemble.close();
    throw error;
  }
  return ensemble;
}

function layOut(
  id: number,
  engine: Engine,
  defaultDir: string,
  ports: ReadonlyMap<number, ServerPorts>,
  options: SeededOptions,
): TestServer {
  const { tickTimeMs = DEFAULT_TICK_TIME_MS, observers = [], systemProperties = {} } = options;
  const config = typeof options.config === 'function' ? options.config(id) : (options.config ?? {});
  const { jvmOptions, place, seed } = options;
  const { dataDir = defaultDir, launchWith } = place?.(id) ?? {};
  mkdirSync(dataDir, { recursive: true });
  const configPath = join(dataDir, 'zoo.cfg');
  const extra = engine === 'apache' ? config : { ...(engine === 'embedded' && hasty), ...systemProperties, ...config };
  writeFileSync(configPath, zooCfg({ id, dataDir, tickTimeMs, ports, observers, extra }));
  if (ports.size > 1) writeFileSync(join(dataDir, 'myid'), `${id}\n`);
  const java = { systemProperties, ...(jvmOptions === undefined ? {} : { jvmOptions }) };
  const how = launchWith === undefined ? {} : { launchWith };
  // Each server its own numbers: two with the same would make the same choices at the same time.
  const random = seededRandom(seed + id);
  return new TestServer({ id, engine, ports: ports.get(id)!, dataDir, configPath, random, java, ...how });
}

async function ensemblePorts(
  ids: readonly number[],
  place?: (id: number) => ServerPlace,
): Promise<ReadonlyMap<number, ServerPorts>> {
  const ports = await allocatePorts(3 * ids.length);
  return new Map(
    ids.map((id, index) => {
      const [client, quorum, election] = [ports[3 * index]!, ports[3 * index + 1]!, ports[3 * index + 2]!];
      return [id, { client, quorum, election, host: place?.(id).host ?? '127.0.0.1' }];
    }),
  );
}
