/**
 * One life of a cluster in two acts. First everything may go wrong, and no rule of safety may be broken. Then all is
 * mended, and the cluster must finish: every server serves, every client is answered, all trees are the same.
 */
import type { ServerId } from '@menagerie/ensemble';
import { Observer } from './checkers/observer.js';
import { mount, newMountPoint, unmount } from './disk/mount.js';
import { SimulatedDisk } from './disk/simulated-disk.js';
import { Random } from './engine/random.js';
import { VirtualTime } from './engine/virtual-time.js';
import { Traps, type FaultTargets } from './faults/atlas.js';
import { Operators } from './faults/operators.js';
import { mend, planFaults, type PlannedFault, strike } from './faults/plan.js';
import { checkEnd, recover } from './second-act.js';
import { SimulatedNetwork } from './network/network.js';
import { ServerClock } from './server/clock.js';
import { SimulatedServer, type World } from './server/simulated-server.js';
import { simulatedMembers } from './server/members.js';
import { MembersClient } from './workload/members-client.js';
import { pickProfile } from './workload/profile.js';
import { Registers } from './workload/registers.js';
import { Visitor } from './workload/visitor.js';
import { NUMBERED_DIRECTORIES, WorkloadClient, type WorkloadWorld } from './workload/workload-client.js';

export interface LifeOptions {
  readonly seed: number;
  /** Virtual milliseconds under faults; default `DEFAULT_TROUBLE_MS`. */
  readonly troubleMs?: number;
  /** Numbers of the faults that strike; default all. */
  readonly faults?: readonly number[];
  /**
   * An operator changes the members, and servers show visitors what they have while nobody leads; default every fourth
   * seed.
   */
  readonly changesMembers?: boolean;
  /** No fsync does anything: a class of its own, which no design survives. A rule must be broken, sooner or later. */
  readonly lyingFsync?: boolean;
  /** Keep what happened. */
  readonly withStory?: boolean;
}

export interface LifeResult {
  readonly seed: number;
  readonly servers: number;
  readonly clients: number;
  readonly commits: number;
  /** Requests of clients, and how many of them were answered. */
  readonly operations: number;
  readonly answered: number;
  readonly faults: number;
  readonly events: number;
  readonly virtualMs: number;
  /** Keys whose linearizability the checker could not decide in its limit. */
  readonly undecided: number;
  /** How often the members were changed. */
  readonly changes: number;
  /** How often somebody was served by a server in read-only mode. */
  readonly readOnlyVisits: number;
}

export const DEFAULT_TROUBLE_MS = 10_000;

/** Every fourth, unless the options say otherwise; and not where one server stands alone. */
export const changesMembersIn = (seed: number): boolean => seed % 4 === 3;

/** A failure carries its seed and the story that led to it. */
export class FailedLife extends Error {
  constructor(
    readonly options: LifeOptions,
    readonly story: readonly string[],
    readonly plan: readonly PlannedFault[],
    override readonly cause: unknown,
  ) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    super(`seed ${options.seed}: ${problem}\nreplay: ${replayCommand(options)}`, { cause });
    this.name = 'FailedLife';
  }
}

export function replayCommand({ seed, troubleMs, faults, lyingFsync }: LifeOptions): string {
  const trouble = troubleMs === undefined ? '' : ` --trouble-ms ${troubleMs}`;
  const only = faults === undefined ? '' : ` --faults ${faults.join(',') || 'none'}`;
  const lies = lyingFsync === true ? ' --lying-fsync' : '';
  return `npm run simulate -- --from ${seed} --seeds 1${trouble}${only}${lies} --story`;
}

/** A cluster of its own, and all that is done to it. */
class Life {
  readonly time = new VirtualTime();
  readonly observer: Observer;
  readonly plan: readonly PlannedFault[];
  private readonly servers: SimulatedServer[] = [];
  private readonly clients: readonly WorkloadClient[];
  /** Changes the members; null where they stay as they are. */
  private readonly operator: MembersClient | null;
  private readonly visitor: Visitor | null;
  private readonly targets: FaultTargets;
  private readonly registers = new Registers();
  private readonly troubleMs: number;

  constructor(private readonly options: LifeOptions) {
    const random = new Random(options.seed);
    const { time } = this;
    this.troubleMs = options.troubleMs ?? DEFAULT_TROUBLE_MS;
    const { registers, servers } = this;
    const network = new SimulatedNetwork(time, random.fork(), { meanDelayMs: random.pick([0.2, 1, 5]) });
    const count = random.pick([1, 3, 3, 3, 3, 5, 5, 7]);
    const changesMembers = count > 1 && (options.changesMembers ?? changesMembersIn(options.seed));
    const hasObservers = count > 1 && random.chance(0.25);
    // Some more to choose from, where members come and go.
    const observerCount = hasObservers || changesMembers ? random.integer(1, 2) : 0;
    const ids: ServerId[] = Array.from({ length: count + observerCount }, (_, i) => i + 1);
    const voters = ids.slice(0, count);
    const members = simulatedMembers(voters, ids.slice(count));
    const withStory = options.withStory ?? false;
    this.observer = new Observer(time, { withStory, numbered: NUMBERED_DIRECTORIES, members });
    const { observer } = this;
    const traps = new Traps();
    const world: World = {
      time,
      network,
      observer,
      members,
      changesMembers,
      servesReadOnly: changesMembers,
      readsLogBack: random.chance(0.5),
      serverOf: (id) => servers[id - 1]!,
      onMoment: (server, moment) => traps.reached(server, moment),
    };
    const lies = options.lyingFsync ?? false;
    // A disk of its own for each server: with one slow among them, who has what differs most.
    for (const id of ids) {
      const forked = random.fork();
      const speed = { meanSyncMs: random.pick([0.1, 0.5, 3, 30]), logSlowness: random.pick([1, 1, 10]), lies };
      const disk = new SimulatedDisk(time, forked, newMountPoint(), speed);
      const clock = new ServerClock(time, random.pick([0.97, 1, 1, 1.03]));
      servers.push(new SimulatedServer(id, world, random.fork(), disk, clock));
    }
    const profile = pickProfile(random);
    const clientWorld: WorkloadWorld = { time, network, observer, servers, profile, registers, isPrepared: false };
    this.clients = Array.from({ length: profile.clients }, (_, i) => {
      return new WorkloadClient(`c${i + 1}`, clientWorld, random.fork());
    });
    this.operator = changesMembers ? newOperator(options.seed, clientWorld) : null;
    this.visitor = changesMembers ? new Visitor(clientWorld, new Random(options.seed ^ 0x0b5f)) : null;
    // Whose disks are the minority that may be damaged can not be told while the members change.
    const operators = new Operators(time, network, observer, servers, changesMembers ? [] : voters);
    const clientHosts = this.clients.map(({ host }) => host);
    this.targets = { time, network, servers, clientHosts, operators, traps };
    operators.start();
    const plan = planFaults(random.fork(), this.troubleMs);
    const { faults } = options;
    this.plan = faults === undefined ? plan : plan.filter(({ number }) => faults.includes(number));
  }

  async live(): Promise<LifeResult> {
    const { time, observer, servers, clients, targets, plan } = this;
    const random = new Random(this.options.seed ^ 0x5eed);
    try {
      for (const { disk } of servers) {
        mount(disk);
        disk.initialize();
      }
      for (const server of servers) time.after(random.delay(50), () => server.start());
      for (const client of clients) client.start();
      this.operator?.start();
      this.visitor?.start();
      strike(plan, targets, time, observer);
      await time.runUntil(this.troubleMs);
      observer.tell(() => 'all is mended');
      mend(targets);
      this.operator?.stop();
      this.visitor?.stop();
      await recover(time, observer, servers, clients, () => this.operator?.sessionId ?? 0n);
      const undecided = checkEnd(observer, servers, this.registers);
      return {
        seed: this.options.seed,
        servers: servers.length,
        clients: clients.length,
        commits: observer.agreement.commits,
        operations: clients.reduce((sum, client) => sum + client.askedCalls, 0),
        answered: clients.reduce((sum, client) => sum + client.answeredCalls, 0),
        faults: plan.length,
        events: time.eventsDone,
        virtualMs: time.nowMs,
        undecided,
        changes: observer.members.changes,
        readOnlyVisits: this.visitor?.readOnlyVisits ?? 0,
      };
    } finally {
      for (const { disk } of servers) unmount(disk);
    }
  }
}

/** With chance of its own, so that the others' is the same as without it. */
function newOperator(seed: number, world: WorkloadWorld): MembersClient {
  const random = new Random(seed ^ 0x0b5e);
  return new MembersClient('operator', world, random, random.pick([200, 600, 1500]));
}

/** @throws FailedLife */
export async function live(options: LifeOptions): Promise<LifeResult> {
  const life = new Life(options);
  try {
    return await life.live();
  } catch (error) {
    throw new FailedLife(options, life.observer.storyLines, life.plan, error);
  }
}
