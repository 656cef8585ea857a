/**
 * A cluster to run real clients and recipes on: the library's own client over the simulated network, in virtual time.
 * The same seed gives the same run, however long it would take on a real clock.
 */
import { ZooKeeper, type ConnectOptions, type DriverFactory, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { ServerId } from '@menagerie/ensemble';
import { Observer } from '../checkers/observer.js';
import { mount, newMountPoint, unmount } from '../disk/mount.js';
import { SimulatedDisk } from '../disk/simulated-disk.js';
import { Random } from '../engine/random.js';
import { settled, VirtualTime } from '../engine/virtual-time.js';
import { Violation } from '../engine/violation.js';
import { type Host, hostOf, SimulatedNetwork } from '../network/network.js';
import { ServerClock } from '../server/clock.js';
import { simulatedMembers } from '../server/members.js';
import { SimulatedServer, type World } from '../server/simulated-server.js';
import { simulatedDriver } from './simulated-driver.js';
import { installVirtualGlobals } from './virtual-globals.js';

export interface ClusterOptions {
  readonly seed: number;
  /** Voters; default 3. */
  readonly servers?: number;
  readonly observers?: number;
  /** Of one message; default 1. */
  readonly meanDelayMs?: number;
  /** Of one fsync; default 1. */
  readonly meanSyncMs?: number;
  /** Virtual milliseconds after which the run is given up; default ten minutes. */
  readonly limitMs?: number;
}

/** The client's options, less what the simulation decides. */
export type ClientOptions = Omit<ConnectOptions, 'connect' | 'driver'> & {
  /** Appended to the connect string. */
  readonly chroot?: string;
  /** Puts something between the client and the simulated connection, a loser of single replies for instance. */
  readonly wrapDriver?: (inner: DriverFactory) => DriverFactory;
};

const DEFAULT_LIMIT_MS = 600_000;
const CLIENT_PORT = 2181;

export class SimulatedCluster {
  readonly time = new VirtualTime();
  readonly random: Random;
  /** Every rule about servers is watched; a broken one ends the play with a Violation. */
  readonly observer: Observer;
  readonly network: SimulatedNetwork;
  readonly servers: readonly SimulatedServer[];
  private clients = 0;

  constructor(options: ClusterOptions) {
    const { servers: voterCount = 3, observers: observerCount = 0 } = options;
    this.random = new Random(options.seed);
    this.network = new SimulatedNetwork(this.time, this.random.fork(), { meanDelayMs: options.meanDelayMs ?? 1 });
    const ids: ServerId[] = Array.from({ length: voterCount + observerCount }, (_, i) => i + 1);
    const servers: SimulatedServer[] = [];
    const members = simulatedMembers(ids.slice(0, voterCount), ids.slice(voterCount));
    this.observer = new Observer(this.time, { members });
    const { time, network, observer } = this;
    const world: World = {
      time,
      network,
      observer,
      members,
      changesMembers: false,
      servesReadOnly: false,
      readsLogBack: true,
      serverOf: (id) => servers[id - 1]!,
    };
    for (const id of ids) {
      const disk = new SimulatedDisk(time, this.random.fork(), newMountPoint(), {
        meanSyncMs: options.meanSyncMs ?? 1,
      });
      servers.push(new SimulatedServer(id, world, this.random.fork(), disk, new ServerClock(time, 1)));
    }
    this.servers = servers;
  }

  get leader(): SimulatedServer | null {
    return this.servers.find((server) => server.isLeading) ?? null;
  }

  server(id: ServerId): SimulatedServer {
    const server = this.servers[id - 1];
    if (server === undefined) throw new RangeError(`expected a server of 1 to ${this.servers.length}, got ${id}`);
    return server;
  }

  /** Where the n-th client runs, for cuts: `cluster.network.cutBothWays(cluster.clientHost(1), hostOf(2))`. */
  clientHost(number: number): Host {
    return `client-${number}`;
  }

  /** A client of its own, with its own session; it is the n-th of this run. */
  connect(options: ClientOptions): Promise<ZooKeeperClient> {
    this.clients += 1;
    const { chroot = '', wrapDriver = (inner) => inner, ...rest } = options;
    const connect = this.servers.map(({ id }) => `${hostOf(id)}:${CLIENT_PORT}`).join(',') + chroot;
    const world = {
      time: this.time,
      network: this.network,
      closing: (session: bigint) => this.observer.sessions.closedByClient(session),
      serverAt: (host: Host) => this.servers.find((server) => server.host === host) ?? null,
    };
    return ZooKeeper.connect({
      connectTimeoutMs: 60_000,
      ...rest,
      connect,
      driver: wrapDriver(simulatedDriver(world, this.clientHost(this.clients))),
    });
  }

  /** Virtual time passes. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => void this.time.after(ms, resolve));
  }

  /** Looks every 10 virtual milliseconds. @throws Violation `liveness` after `timeoutMs` */
  async until(what: string, isTrue: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
    const deadlineMs = this.time.nowMs + timeoutMs;
    while (!(await isTrue())) {
      if (this.time.nowMs > deadlineMs) throw new Violation('liveness', `expected ${what} within ${timeoutMs} ms`);
      await this.sleep(10);
    }
  }
}

/**
 * Runs `play` on a cluster of its own, until it is settled. Timers, clocks and chance of this process are virtual
 * meanwhile, so nothing else may run beside it.
 *
 * @throws what `play` throws, what a checker finds, or Violation `liveness` when virtual time runs out
 */
export async function withSimulatedCluster<T>(
  options: ClusterOptions,
  play: (cluster: SimulatedCluster) => Promise<T>,
): Promise<T> {
  const cluster = new SimulatedCluster(options);
  const restore = installVirtualGlobals(cluster.time, cluster.random.fork());
  try {
    for (const server of cluster.servers) {
      mount(server.disk);
      server.disk.initialize();
      server.start();
    }
    const outcome: { settled: boolean; value?: T; error?: unknown } = { settled: false };
    const playing = play(cluster).then(
      (value) => Object.assign(outcome, { settled: true, value }),
      (error: unknown) => Object.assign(outcome, { settled: true, error: error ?? new Error('thrown: nothing') }),
    );
    await pass(cluster.time, options.limitMs ?? DEFAULT_LIMIT_MS, () => outcome.settled);
    await playing;
    if (outcome.error !== undefined) throw outcome.error;
    return outcome.value as T;
  } finally {
    restore();
    for (const { disk } of cluster.servers) unmount(disk);
  }
}

/** One event after the other, and after each everything that it lets go on. */
async function pass(time: VirtualTime, limitMs: number, isOver: () => boolean): Promise<void> {
  await settled();
  while (!isOver()) {
    if (time.nowMs > limitMs) throw new Violation('liveness', `the play has not ended after ${limitMs} virtual ms`);
    if (!time.step()) throw new Violation('liveness', 'the play waits for something that no event will bring');
    await settled();
  }
}
