/**
 * One life of a cluster in two acts. First everything may go wrong, and no rule of safety may be broken. Then all is
 * mended, and the cluster must finish: every server serves, every client is answered, all trees are the same.
 */
import type { Database, ServerId } from '@menagerie/ensemble';
import type { MakeCore } from './core.js';
import { mend, strike, type FaultTargets } from './faults.js';
import { Random } from './random.js';
import { Recorder } from './recorder.js';
import { SimulatedClient } from './simulated-client.js';
import { SimulatedDisk } from './simulated-disk.js';
import { SimulatedNetwork } from './simulated-network.js';
import { SimulatedServer, type World } from './simulated-server.js';
import { Violation } from './violation.js';
import { VirtualTime } from './virtual-time.js';

export interface LifeOptions {
  readonly seed: number;
  readonly makeCore: MakeCore;
  /** An empty database, for the model that the servers' trees are compared with. */
  readonly makeDatabase: () => Database;
  /** Virtual milliseconds under faults; default `DEFAULT_TROUBLE_MS`. */
  readonly troubleMs?: number;
}

export interface LifeResult {
  readonly seed: number;
  readonly servers: number;
  readonly clients: number;
  readonly commits: number;
  readonly acknowledged: number;
  readonly events: number;
  readonly virtualMs: number;
}

const DEFAULT_TROUBLE_MS = 20_000;
/** How long a mended cluster may take to agree, in virtual milliseconds. */
const RECOVERY_MS = 120_000;
const LOOK_EVERY_MS = 250;
/** Calls each client must have answered after the mending. */
const CALLS_AFTER = 5;

/** A failure carries its seed and the story that led to it. */
export class FailedLife extends Error {
  constructor(
    readonly seed: number,
    troubleMs: number,
    readonly story: readonly string[],
    override readonly cause: unknown,
  ) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    const replay = `npm run simulate -w @menagerie/simulation -- --from ${seed} --seeds 1 --trouble-ms ${troubleMs} --story`;
    super(`seed ${seed}: ${problem}\nreplay: ${replay}`, { cause });
    this.name = 'FailedLife';
  }
}

export function live(options: LifeOptions): LifeResult {
  const random = new Random(options.seed);
  const time = new VirtualTime();
  const recorder = new Recorder();
  const network = new SimulatedNetwork(time, random.fork(), { meanDelayMs: random.pick([0.2, 1, 8]) });
  const count = random.pick([1, 3, 3, 3, 5, 5, 7]);
  const observerCount = count > 1 && random.chance(0.25) ? random.integer(1, 2) : 0;
  const ids: ServerId[] = Array.from({ length: count + observerCount }, (_, i) => i + 1);
  const servers: SimulatedServer[] = [];
  const world: World = {
    time,
    network,
    recorder,
    makeCore: options.makeCore,
    voters: ids.slice(0, count),
    observers: ids.slice(count),
    serverOf: (id) => servers[id - 1] as SimulatedServer,
  };
  // A disk of its own for each server: with one slow among them, who has what differs most.
  for (const id of ids) {
    const disk = new SimulatedDisk(time, random.fork(), { meanSyncMs: random.pick([0.1, 1, 20, 80]) });
    servers.push(new SimulatedServer(id, world, random.fork(), disk));
  }
  const clients = Array.from({ length: random.integer(1, 4) }, (_, i) => {
    return new SimulatedClient(`c${i + 1}`, { time, network, recorder, servers }, random.fork());
  });
  const troubleMs = options.troubleMs ?? DEFAULT_TROUBLE_MS;
  const targets: FaultTargets = { time, network, recorder, servers };
  try {
    for (const server of servers) time.after(random.delay(100), () => server.isUp || server.start());
    for (const client of clients) client.start();
    strike(targets, random.fork(), troubleMs);
    time.runUntil(troubleMs);
    recorder.tell(time.nowMs, 'all is mended');
    mend(targets);
    recover(time, servers, clients);
    check(recorder, servers, options.makeDatabase());
  } catch (error) {
    throw new FailedLife(options.seed, troubleMs, recorder.story, error);
  }
  return {
    seed: options.seed,
    servers: ids.length,
    clients: clients.length,
    commits: recorder.commits,
    acknowledged: recorder.acknowledged.length,
    events: time.eventsDone,
    virtualMs: time.nowMs,
  };
}

/** The second act: work goes on until everybody was served again, then it stops and all must come to the same state. */
function recover(time: VirtualTime, servers: readonly SimulatedServer[], clients: readonly SimulatedClient[]): void {
  const goals = clients.map((client) => client.acknowledgedCalls + CALLS_AFTER);
  const deadline = time.nowMs + RECOVERY_MS;
  const wait = (what: () => string | null) => {
    for (let missing = what(); missing !== null; missing = what()) {
      if (time.nowMs >= deadline) throw new Violation('liveness', `${RECOVERY_MS} ms after the mending: ${missing}`);
      time.runUntil(time.nowMs + LOOK_EVERY_MS);
    }
  };
  wait(() => {
    const hungry = clients.filter((client, i) => client.acknowledgedCalls < (goals[i] as number));
    if (hungry.length === 0) return null;
    const states = servers.map((server) => `${server.id} ${server.describe()}`);
    return `no answers for ${hungry.map((client) => client.name).join(', ')}; servers: ${states.join(', ')}`;
  });
  for (const client of clients) client.stop();
  wait(() => {
    const states = servers.map((server) => {
      const { database } = server;
      return `${database?.lastProcessedZxid.toString(16)}/${database?.treeDigest.toString(16)}`;
    });
    return new Set(states).size === 1 ? null : `the servers differ (zxid/digest): ${states.join(', ')}`;
  });
}

function check(recorder: Recorder, servers: readonly SimulatedServer[], model: Database): void {
  for (const proposal of recorder.inOrder()) model.apply(proposal);
  const [server] = servers;
  if (server?.database && server.database.treeDigest !== model.treeDigest) {
    throw new Violation(
      'state follows from commits',
      'the servers agree, but not with the transactions they committed',
    );
  }
  for (const write of recorder.acknowledged) {
    const proposal = recorder.at(write.zxid);
    const where = `${write.client} wrote ${write.path} at 0x${write.zxid.toString(16)}`;
    if (!proposal) throw new Violation('no acknowledged write is lost', `${where}, and no server knows of it`);
    const { txn } = proposal;
    const same = 'data' in txn && 'path' in txn && txn.path === write.path && txn.data?.toString() === write.value;
    if (!same) throw new Violation('no acknowledged write is lost', `${where}, and something else stands there`);
  }
  for (const read of recorder.reads) {
    const txn = recorder.at(read.mzxid)?.txn;
    if (!txn || !('data' in txn) || txn.data?.toString() !== read.value) {
      throw new Violation(
        'reads are of committed writes',
        `${read.client} read ${JSON.stringify(read.value)} from ${read.path} at 0x${read.mzxid.toString(16)}`,
      );
    }
  }
}
