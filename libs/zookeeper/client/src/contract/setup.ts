/**
 * What the contract suite needs of the world: a driver, and servers of some kind behind links that can fail.
 *
 * The suite knows neither the test kit nor an engine. Whoever runs it hands them in; the classes of
 * `@menagerie/zookeeper-testing` fit as they are.
 */
import { afterAll, afterEach, beforeAll, describe, it } from 'vitest';
import type { ConnectOptions, StateChange, ZooKeeperClient } from '../api.js';
import type { DriverFactory, DriverFeature } from '../driver.js';
import { ZooKeeper } from '../zookeeper.js';

export interface ContractServer {
  readonly id: number;
  readonly host: string;
  readonly clientPort: number;
}

export interface ContractEnsemble {
  readonly connectString: string;
  readonly servers: readonly ContractServer[];
  leader(): Promise<ContractServer | null>;
  waitForLeader(timeoutMs?: number): Promise<ContractServer>;
  kill(id: number): Promise<void>;
  start(id: number): Promise<void>;
  pause(id: number): void;
  resume(id: number): void;
  expireSession(id: bigint, password: Buffer): Promise<void>;
  close(): Promise<void>;
}

export interface ContractLink {
  /** `host:port` */
  readonly address: string;
  readonly connectionCount: number;
  readonly acceptedCount: number;
  cut(): void;
  dropConnections(): void;
  stall(): void;
  heal(): void;
  dropNextReply(predicate: (reply: { readonly opCode: number | null }) => boolean): Promise<unknown>;
  close(): Promise<void>;
}

export interface ContractSetup {
  /** For titles: driver and engine. */
  readonly name: string;
  readonly driver: DriverFactory;
  /** Why the suite can not run here; null if it can. */
  readonly skip: string | null;
  readonly startEnsemble: (servers: 1 | 3) => Promise<ContractEnsemble>;
  readonly startLink: (target: { readonly host: string; readonly port: number }) => Promise<ContractLink>;
  readonly waitFor: <T>(
    condition: () => T | Promise<T>,
    options: { readonly timeoutMs: number; readonly what: string },
  ) => Promise<Exclude<T, null | undefined | false>>;
}

/** Long enough for any session of these tests to end, on a busy machine. */
export const PATIENCE_MS = 45_000;
const CHUNK = 250;

/** One ensemble for a file of tests; clients and links of a test end with it, and each test has a root of its own. */
export class ContractBench {
  readonly #setup: ContractSetup;
  readonly #cleanups: (() => Promise<unknown>)[] = [];
  #ensemble: ContractEnsemble | null = null;
  #tests = 0;

  constructor(setup: ContractSetup) {
    this.#setup = setup;
  }

  get ensemble(): ContractEnsemble {
    if (this.#ensemble === null) throw new Error('expected the ensemble to be started');
    return this.#ensemble;
  }
  get driver(): DriverFactory {
    return this.#setup.driver;
  }

  async start(servers: 1 | 3): Promise<void> {
    this.#ensemble = await this.#setup.startEnsemble(servers);
  }

  async stop(): Promise<void> {
    await this.#ensemble?.close();
  }

  /** Ends what the test made, latest first. */
  async tidy(): Promise<void> {
    for (const cleanup of this.#cleanups.splice(0).reverse()) await cleanup();
  }

  defer(cleanup: () => Promise<unknown>): void {
    this.#cleanups.push(cleanup);
  }

  /** A client of its own session; 10 s unless a test is about its end. */
  async connect(options: Partial<ConnectOptions> = {}): Promise<ZooKeeperClient> {
    const client = await ZooKeeper.connect({
      connect: this.ensemble.connectString,
      sessionTimeoutMs: 10_000,
      connectTimeoutMs: PATIENCE_MS,
      driver: this.#setup.driver,
      ...options,
    });
    this.defer(() => client.close());
    return client;
  }

  /** A link to the server with this id. */
  async link(id = 1): Promise<ContractLink> {
    const server = this.ensemble.servers.find((each) => each.id === id);
    if (server === undefined) throw new Error(`expected a server ${id}`);
    const link = await this.#setup.startLink({ host: server.host, port: server.clientPort });
    this.defer(() => link.close());
    return link;
  }

  /** A node that no other test uses. */
  async root(client: ZooKeeperClient): Promise<string> {
    const path = `/contract-${++this.#tests}`;
    await client.create(path);
    return path;
  }

  waitFor<T>(what: string, condition: () => T | Promise<T>): Promise<Exclude<T, null | undefined | false>> {
    return this.#setup.waitFor(condition, { timeoutMs: PATIENCE_MS, what });
  }

  waitForState(client: ZooKeeperClient, state: ZooKeeperClient['state']): Promise<true> {
    return this.waitFor(`the client to be ${state}`, () => client.state === state);
  }
}

/** A group of tests on one ensemble. */
export function contractGroup(
  setup: ContractSetup,
  title: string,
  servers: 1 | 3,
  tests: (bench: ContractBench) => void,
): void {
  const suffix = setup.skip === null ? '' : ` (skipped: ${setup.skip})`;
  describe.skipIf(setup.skip !== null)(`${setup.name}: ${title}${suffix}`, () => {
    const bench = new ContractBench(setup);
    beforeAll(() => bench.start(servers), 2 * PATIENCE_MS);
    afterEach(() => bench.tidy(), 2 * PATIENCE_MS);
    afterAll(() => bench.stop(), 2 * PATIENCE_MS);
    tests(bench);
  });
}

/** A test of what not every driver can: skipped for one that lacks it, with that as the reason. */
export function itNeeds(setup: ContractSetup, feature: DriverFeature, title: string, test: () => Promise<void>): void {
  const { features, driverName } = setup.driver;
  const lacks = !features.has(feature);
  it.skipIf(lacks)(lacks ? `${title} (skipped: ${driverName} has no ${feature})` : title, test);
}

/** Some at a time: thousands of calls in one turn count as sent in one moment, which a busy machine answers too late. */
export async function inChunks<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < items.length; at += CHUNK) await Promise.all(items.slice(at, at + CHUNK).map(work));
}

/** Every state change from now on, in order. */
export function recordStates(client: ZooKeeperClient): readonly StateChange[] {
  const changes: StateChange[] = [];
  client.on('state', (change) => changes.push(change));
  return changes;
}

/** What a call came to: its value or its error, never a rejection. */
export async function outcomeOf<T>(call: Promise<T>): Promise<T | Error> {
  try {
    return await call;
  } catch (error) {
    return error as Error;
  }
}
