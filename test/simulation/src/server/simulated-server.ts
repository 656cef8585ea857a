/**
 * One server: core and storage as they ship, with a simulated disk, network and clock where the runtime has real ones.
 * Its process can be killed, its machine can lose power, it can be paused, and it can find that its disk is broken.
 */
import {
  DamagedDataError,
  type LogFields,
  type PeerDescription,
  type PeerInput,
  type QuorumConfig,
  type ReplicatedDatabase,
  type ServerId,
  Storage,
} from '@menagerie/ensemble';
import type { Observer } from '../checkers/observer.js';
import { closeDescriptors } from '../disk/mount.js';
import type { SimulatedDisk } from '../disk/simulated-disk.js';
import type { Random } from '../engine/random.js';
import type { Timer, VirtualTime } from '../engine/virtual-time.js';
import { Violation } from '../engine/violation.js';
import type { Connection } from '../network/connection.js';
import { type Host, hostOf, type SimulatedNetwork } from '../network/network.js';
import { acceptClientOn } from './client-port.js';
import type { ServerClock } from './clock.js';
import { type Core, makeCore, TICK_MS } from './core.js';
import { SimulatedEffects } from './effects.js';
import { SimulatedMembers } from './members.js';
import { QuorumLinks } from './quorum-links.js';
import { storageConfigOf } from './storage-config.js';

export interface World {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly observer: Observer;
  /** In the beginning; null for one that stands alone. */
  readonly members: QuorumConfig | null;
  /** Whether clients may change them. */
  readonly changesMembers: boolean;
  /** Whether servers show what they have while nobody leads. */
  readonly servesReadOnly: boolean;
  /** Whether a leader reads its log for learners far behind; else they get snapshots. */
  readonly readsLogBack: boolean;
  readonly serverOf: (id: ServerId) => SimulatedServer;
  /** Told of moments at which a failure is most telling. */
  readonly onMoment?: (server: SimulatedServer, moment: Moment) => void;
}

export type Moment =
  'append' | 'accepted epoch' | 'current epoch' | 'snapshot' | 'stream' | 'truncation' | 'serving' | 'start';

export class SimulatedServer {
  readonly host: Host;
  private core: Core | null = null;
  private storage: Storage | null = null;
  /** Grows with each start and end: what was meant for an earlier life is dropped. */
  private life = 0;
  private paused: (() => void)[] | null = null;
  private pausedAtMs = 0;
  private wake: Timer | null = null;
  private wakeAtMs = Number.POSITIVE_INFINITY;
  /** Where its log, or the snapshot in its place, ends. */
  private lastLogged = 0n;
  private readonly links: QuorumLinks;
  private readonly effects: SimulatedEffects;
  private readonly members: SimulatedMembers;
  private lastClient = 0;
  /** Why it can not run: somebody has to see to its disk. */
  stoppedBy: string | null = null;

  constructor(
    readonly id: ServerId,
    readonly world: World,
    private readonly random: Random,
    readonly disk: SimulatedDisk,
    readonly clock: ServerClock,
  ) {
    this.host = hostOf(id);
    this.links = new QuorumLinks(this, world);
    this.members = new SimulatedMembers(id, disk, world.members);
    this.effects = new SimulatedEffects(this, this.links, {
      storage: () => this.storage!,
      database: () => this.core!.database,
      append: (zxid, bytes) => this.append(zxid, bytes),
      moment: (moment) => this.moment(moment),
      exit: (reason) => this.exit(reason),
    });
  }

  /** Its process runs, whatever it does. */
  get isUp(): boolean {
    return this.core !== null;
  }

  get isPaused(): boolean {
    return this.paused !== null;
  }

  get isLeading(): boolean {
    return this.storage !== null && this.core?.peer.describe().state === 'leading';
  }

  get isServing(): boolean {
    return this.storage !== null && this.core?.peer.describe().phase === 'broadcast';
  }

  get database(): ReplicatedDatabase | null {
    return this.storage === null ? null : (this.core?.database ?? null);
  }

  /** Which process of this server runs; for what is meant for this one only. */
  get lifeNumber(): number {
    return this.life;
  }

  peer(): PeerDescription | null {
    return this.core?.peer.describe() ?? null;
  }

  describe(): string {
    if (!this.core) return this.stoppedBy === null ? 'down' : `down (${this.stoppedBy})`;
    const { state, phase } = this.core.peer.describe();
    return `${this.storage === null ? 'opening its disk' : `${state}/${phase}`}${this.isPaused ? ' (paused)' : ''}`;
  }

  start(): void {
    if (this.core) return;
    this.life += 1;
    this.stoppedBy = null;
    const { world, clock } = this;
    const env = {
      monotonicMs: () => clock.monotonicMs(),
      wallMs: () => clock.wallMs(),
      random: this.random.next,
      log: { debug: () => undefined, info: this.tell, warn: this.tell, error: this.tell },
    };
    this.core = makeCore({
      serverId: this.id,
      config: this.members.atStart,
      memberStore: world.changesMembers ? this.members : null,
      servesReadOnly: world.servesReadOnly,
      env,
      effects: this.effects,
      onDigestMismatch: ({ standing, zxid }) => {
        if (standing === 'proven') this.exit(`its tree is not the leader's after 0x${zxid.toString(16)}`);
      },
      observe: (server, database) =>
        world.observer.observe({ id: this.id, database, clock, lastLogged: () => this.lastLogged }, server, () => {
          world.onMoment?.(this, 'serving');
        }),
    });
    world.network.powerReturned(this.host);
    this.open(env);
    this.moment('start');
  }

  /** The process is killed; what it wrote stays. */
  kill(): void {
    if (!this.end('is killed')) return;
    this.world.network.processDied(this.host);
    this.disk.processDied();
  }

  /** The machine loses power: what was not synced may be gone, and nobody is told. */
  crash(): void {
    if (!this.end('loses power')) return;
    this.world.network.powerFailed(this.host);
    this.disk.powerFailed();
  }

  /** SIGSTOP: nothing is done, everything that happens waits. */
  pause(): void {
    if (!this.core || this.paused) return;
    this.paused = [];
    this.pausedAtMs = this.clock.monotonicMs();
  }

  /** As the runtime does it: the clock first, then what waits on the sockets. */
  resume(): void {
    const waiting = this.paused ?? [];
    this.paused = null;
    if (this.clock.monotonicMs() - this.pausedAtMs >= TICK_MS / 2) this.deliver({ kind: 'stoodStill' });
    for (const work of waiting) work();
  }

  /** A snapshot of the kind that is taken now and then while serving, and what it makes superfluous goes. */
  takeSnapshot(): void {
    if (this.paused || !this.isServing) return;
    this.storage!.saveSnapshotInBackground();
    void this.storage!.purge();
    this.moment('snapshot');
  }

  acceptClient(connection: Connection): void {
    this.lastClient += 1;
    acceptClientOn(this, connection, this.lastClient, () => this.core?.acceptor ?? null);
  }

  // ---- the loop

  deliver(input: PeerInput): void {
    this.input(() => this.step(input));
  }

  /** Whatever comes from outside goes through here: not into a dead server, and into a paused one later. */
  input(work: () => void): void {
    const { life } = this;
    const run = () => {
      if (life !== this.life || this.storage === null) return;
      if (this.paused) return void this.paused.push(run);
      work();
      this.endTurn();
    };
    run();
  }

  after(delayMs: number, work: () => void): void {
    const { life } = this;
    this.world.time.after(delayMs, () => {
      if (life === this.life) this.input(work);
    });
  }

  get isAcceptingLearners(): boolean {
    return this.core !== null && this.paused === null && this.links.isAccepting;
  }

  acceptLearner(connection: Connection): void {
    this.links.accept(connection);
  }

  /** Only from within `input`. */
  step(input: PeerInput): void {
    if (input.kind === 'truncated' || input.kind === 'reloaded' || input.kind === 'snapshotSaved') {
      if (input.zxid !== null) this.lastLogged = input.zxid;
    }
    this.core?.peer.step(input);
  }

  private endTurn(): void {
    const { core, storage } = this;
    if (core === null || storage === null) return;
    core.peer.flush();
    storage.flush();
    if (storage.wantsSnapshot && core.peer.describe().phase === 'broadcast') {
      storage.saveSnapshotInBackground();
      this.world.time.promisesSettle();
    }
    this.armWake(core.peer.wakeAtMs());
  }

  /** An earlier time replaces a later one; a later one is asked for again when the timer fires. */
  private armWake(monotonicMs: number | null): void {
    if (monotonicMs === null || monotonicMs >= this.wakeAtMs) return;
    this.wake?.cancel();
    this.wakeAtMs = monotonicMs;
    // Never at once again: time must pass, also for a core that wants to be woken now.
    this.wake = this.world.time.after(Math.max(0.01, this.clock.untilMs(monotonicMs)), () => {
      this.wake = null;
      this.wakeAtMs = Number.POSITIVE_INFINITY;
      this.deliver({ kind: 'tick' });
    });
  }

  // ---- beginning and end

  private open(env: Parameters<typeof Storage.open>[0]['env']): void {
    const { life, core } = this;
    const opening = Storage.open({
      config: storageConfigOf(this.disk.root, this.world.readsLogBack),
      serverId: this.world.members === null ? null : this.id,
      digestEnabled: true,
      database: core!.database,
      env,
      // Not back into the storage: whatever is thrown is the simulation's.
      deliver: (input) => {
        if (life !== this.life) return;
        this.world.time.guard(() => this.deliver(input));
      },
      claim: async () => ({ release: async () => undefined }),
    });
    this.world.time.promisesSettle();
    opening.then(
      ({ storage, lastLoggedZxid, epochs }) => {
        if (life !== this.life) return;
        this.world.time.guard(() => this.opened(storage, lastLoggedZxid, epochs));
      },
      (error: unknown) => {
        if (life !== this.life) return;
        this.world.time.guard(() => {
          if (error instanceof DamagedDataError || isSystemError(error)) this.exit((error as Error).message);
          else throw error;
        });
      },
    );
  }

  private opened(storage: Storage, lastLoggedZxid: bigint, epochs: { acceptedEpoch: number; currentEpoch: number }) {
    this.storage = storage;
    this.disk.isTrusted();
    this.lastLogged = lastLoggedZxid < 0n ? 0n : lastLoggedZxid;
    const { acceptedEpoch, currentEpoch } = epochs;
    this.tell('starts', { at: `0x${this.lastLogged.toString(16)}`, acceptedEpoch, currentEpoch });
    const seenConfig = this.world.changesMembers ? this.members.lastSeen(this.core!.database) : null;
    this.deliver({ kind: 'start', lastLoggedZxid, acceptedEpoch, currentEpoch, seenConfig });
  }

  /** The process gives up. Only a disk that was made to fail is a reason. */
  private exit(reason: string): void {
    const { time } = this.world;
    this.tell('gives up', { reason });
    if (!this.disk.wasHarmed) throw new Violation('no server gives up', `server ${this.id}: ${reason}`);
    const { life } = this;
    time.after(0, () => {
      if (life !== this.life) return;
      this.kill();
      this.stoppedBy = reason;
    });
  }

  private end(how: string): boolean {
    if (!this.core) return false;
    this.tell(how);
    this.life += 1;
    this.core = null;
    this.storage = null;
    this.paused = null;
    this.wake?.cancel();
    this.wake = null;
    this.wakeAtMs = Number.POSITIVE_INFINITY;
    this.links.forgetAll();
    this.world.observer.ended(this.id);
    closeDescriptors(this.disk);
    return true;
  }

  private append(zxid: bigint, bytes: Buffer): void {
    this.world.observer.appended(this.id, zxid, bytes, this.lastLogged);
    this.lastLogged = zxid;
    this.storage!.appendToLog(zxid, bytes);
    this.world.onMoment?.(this, 'append');
  }

  private moment(moment: Moment): void {
    this.world.time.promisesSettle();
    this.world.onMoment?.(this, moment);
  }

  private readonly tell = (event: string, fields: LogFields = {}): void =>
    this.world.observer.tell(() => {
      const details = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
      return `  server ${this.id}: ${[event, ...details].join(' ')}`;
    });
}

const isSystemError = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code));
