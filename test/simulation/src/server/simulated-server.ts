/** One server: the core, with a simulated disk and network where the runtime has real ones. Can crash, pause and return. */
import {
  encodeSnapshotSignature,
  JuteWriter,
  QuorumStreamDecoder,
  SnapshotStreamDecoder,
  type Notification,
} from '@menagerie/zookeeper-protocol';
import type {
  ClientHandler,
  ClientLink,
  Database,
  EpochKind,
  LearnerLink,
  LogFields,
  PeerEffects,
  PeerInput,
  ServerId,
} from '@menagerie/ensemble';
import type { Core, MakeCore } from './core.js';
import type { Random } from './random.js';
import { proposalOf } from './proposal-of.js';
import type { Recorder } from './recorder.js';
import type { SimulatedDisk, StoredSnapshot } from './simulated-disk.js';
import type { Connection, Host, SimulatedNetwork } from './simulated-network.js';
import { Violation } from './violation.js';
import type { Timer, VirtualTime } from './virtual-time.js';

export interface World {
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly recorder: Recorder;
  readonly makeCore: MakeCore;
  readonly voters: readonly ServerId[];
  readonly observers: readonly ServerId[];
  readonly serverOf: (id: ServerId) => SimulatedServer;
}

const PIECE_BYTES = 16 * 1024;
const DIAL_AGAIN_MS = 10;

export const hostOf = (id: ServerId): Host => `server-${id}`;

export class SimulatedServer implements PeerEffects {
  readonly host: Host;
  private core: Core | null = null;
  /** Grows with each start: what was meant for an earlier life is dropped. */
  private life = 0;
  private paused: (() => void)[] | null = null;
  private wake: Timer | null = null;
  private accepting = false;
  private appended = false;
  private attempt = 0;
  private toLeader: Connection | null = null;
  private readonly learners = new Map<LearnerLink, Connection>();
  private lastLink = 0;
  private lastClient = 0;

  constructor(
    readonly id: ServerId,
    private readonly world: World,
    private readonly random: Random,
    private readonly disk: SimulatedDisk,
  ) {
    this.host = hostOf(id);
  }

  get isUp(): boolean {
    return this.core !== null;
  }

  get isPaused(): boolean {
    return this.paused !== null;
  }

  get isLeading(): boolean {
    return this.core?.peer.describe().state === 'leading';
  }

  get database(): Database | null {
    return this.core?.database ?? null;
  }

  describe(): string {
    if (!this.core) return 'down';
    const { state, phase } = this.core.peer.describe();
    return `${state}/${phase}${this.isPaused ? ' (paused)' : ''}`;
  }

  start(): void {
    this.life += 1;
    const { time, recorder } = this.world;
    const tell = (event: string, fields: LogFields = {}) => {
      const details = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
      recorder.tell(time.nowMs, `  server ${this.id}: ${[event, ...details].join(' ')}`);
    };
    this.core = this.world.makeCore({
      serverId: this.id,
      voters: this.world.voters,
      observers: this.world.observers,
      env: {
        monotonicMs: () => time.nowMs,
        wallMs: () => 1_700_000_000_000 + Math.floor(time.nowMs),
        random: this.random.next,
        log: { debug: () => undefined, info: tell, warn: tell, error: tell },
      },
      effects: this,
      observe: (server, database) => {
        const observed = { id: this.id, database, lastLogged: () => this.disk.lastZxid };
        return recorder.observe(observed, server, () => time.nowMs);
      },
    });
    const { acceptedEpoch, currentEpoch } = this.disk.contents();
    const lastLoggedZxid = this.recover();
    recorder.tell(
      time.nowMs,
      `server ${this.id} starts at 0x${lastLoggedZxid.toString(16)}, epochs ${acceptedEpoch} and ${currentEpoch}`,
    );
    this.input(() => this.step({ kind: 'start', lastLoggedZxid, acceptedEpoch, currentEpoch }));
  }

  /** kill -9 and, for what was not synced, a power failure. */
  crash(): void {
    if (!this.core) return;
    this.world.recorder.tell(this.world.time.nowMs, `server ${this.id} crashes`);
    this.life += 1;
    this.core = null;
    this.paused = null;
    this.accepting = false;
    this.wake?.cancel();
    this.toLeader = null;
    this.learners.clear();
    this.disk.crash();
    this.world.network.hostDown(this.host);
  }

  /** SIGSTOP: nothing is done, everything that happens waits. */
  pause(): void {
    if (this.core && !this.paused) this.paused = [];
  }

  resume(): void {
    const waiting = this.paused ?? [];
    this.paused = null;
    for (const work of waiting) work();
  }

  /** A snapshot of the kind that is taken now and then while serving. */
  takePeriodicSnapshot(): void {
    if (!this.core || this.paused || this.core.peer.describe().phase !== 'broadcast') return;
    const snapshot = this.snapshotNow();
    if (snapshot) this.disk.addSnapshot(snapshot);
  }

  acceptClient(connection: Connection): void {
    let handler: ClientHandler | null = null;
    let closed = false;
    const link: ClientLink = {
      id: (this.lastClient += 1),
      remoteAddress: '127.0.0.1',
      remotePort: this.lastClient,
      write: (frames) => connection.send(this.host, frames),
      close: () => {
        closed = true;
        connection.close(this.host);
        this.soon(() => handler?.closed());
      },
      pause: () => undefined,
      resume: () => undefined,
    };
    connection.attach(this.host, {
      onMessage: (message) =>
        this.input(() => {
          handler ??= closed ? null : (this.core?.acceptor.accept(link) ?? null);
          if (!closed) handler?.frames(message as Buffer[]);
        }),
      onClosed: () => {
        closed = true;
        this.input(() => handler?.closed());
      },
    });
  }

  // ---- PeerEffects

  appendToLog(zxid: bigint, bytes: Buffer): void {
    this.world.recorder.append(this.id, zxid, bytes, this.disk.lastZxid);
    this.disk.append({ zxid, bytes });
    this.appended = true;
  }

  truncateLog(zxid: bigint): void {
    this.disk.truncate(
      zxid,
      this.inThisLife((isDone: boolean) => this.step({ kind: 'truncated', zxid: isDone ? this.recover() : null })),
    );
  }

  reloadDatabase(): void {
    this.soon(() => this.step({ kind: 'reloaded', zxid: this.recover() }));
  }

  readLog(token: number, fromZxid: bigint, toZxid: bigint): void {
    this.soon(() => {
      const entries = this.disk.read(fromZxid, toZxid);
      this.step({ kind: 'logRead', token, records: entries?.map((entry) => proposalOf(entry.bytes)) ?? null });
    });
  }

  saveEpoch(which: EpochKind, epoch: number): void {
    this.disk.saveEpoch(
      which,
      epoch,
      this.inThisLife(() => this.step({ kind: 'epochSaved', which, epoch })),
    );
  }

  saveSnapshot(token: number): void {
    const snapshot = this.snapshotNow();
    if (!snapshot) throw new Violation('a snapshot can be taken', `server ${this.id} has too many under way`);
    const saved = () => this.step({ kind: 'snapshotSaved', token, zxid: snapshot.zxid });
    this.disk.replaceHistory(snapshot, this.inThisLife(saved));
  }

  sendNotification(to: ServerId, notification: Notification): void {
    const target = this.world.serverOf(to);
    this.world.network.datagram(this.host, target.host, () =>
      target.input(() => target.step({ kind: 'notification', from: this.id, notification })),
    );
  }

  connectToLeader(leader: ServerId): void {
    const target = this.world.serverOf(leader);
    const { network } = this.world;
    this.attempt += 1;
    const { attempt } = this;
    const tryAfter = (delayMs: number) =>
      this.after(delayMs, () => {
        if (attempt !== this.attempt) return;
        const reachable = !network.isCut(this.host, target.host) && !network.isCut(target.host, this.host);
        if (reachable && target.isUp && !target.isPaused && target.accepting) this.connected(target);
        else tryAfter(DIAL_AGAIN_MS);
      });
    tryAfter(0);
  }

  sendToLeader(bytes: Buffer): void {
    this.toLeader?.send(this.host, bytes);
  }

  disconnectFromLeader(): void {
    this.attempt += 1;
    this.toLeader?.close(this.host);
    this.toLeader = null;
  }

  acceptLearners(accept: boolean): void {
    this.accepting = accept;
  }

  sendToLearner(link: LearnerLink, bytes: Buffer): void {
    this.learners.get(link)?.send(this.host, bytes);
  }

  streamSnapshotToLearner(link: LearnerLink): void {
    const connection = this.learners.get(link);
    const source = this.core?.database.beginSnapshot() ?? null;
    if (!connection || !source) {
      source?.abort();
      this.closeLearner(link);
      return this.soon(() => this.step({ kind: 'learnerClosed', link, reason: 'too many snapshots' }));
    }
    for (let piece = source.next(PIECE_BYTES); piece !== null; piece = source.next(PIECE_BYTES)) {
      connection.send(this.host, piece);
    }
    const signature = new JuteWriter(64);
    encodeSnapshotSignature(signature);
    connection.send(this.host, signature.toBuffer());
  }

  closeLearner(link: LearnerLink): void {
    const connection = this.learners.get(link);
    if (!connection) return;
    this.learners.delete(link);
    connection.close(this.host);
  }

  halt(reason: string): void {
    throw new Violation('no server halts', `server ${this.id}: ${reason}`);
  }

  // ---- the loop

  private step(input: PeerInput): void {
    this.core?.peer.step(input);
  }

  /** Whatever comes from outside goes through here: not into a dead server, and into a paused one later. */
  private input(work: () => void): void {
    const { life } = this;
    const run = () => {
      if (life !== this.life || !this.core) return;
      if (this.paused) return void this.paused.push(run);
      work();
      this.endTurn();
    };
    run();
  }

  private inThisLife<A extends unknown[]>(work: (...args: A) => void): (...args: A) => void {
    return (...args) => this.input(() => work(...args));
  }

  private soon(work: () => void): void {
    this.after(0, work);
  }

  private after(delayMs: number, work: () => void): void {
    const { life } = this;
    this.world.time.after(delayMs, () => {
      if (life === this.life) this.input(work);
    });
  }

  private endTurn(): void {
    this.core?.peer.flush();
    if (this.appended) {
      this.appended = false;
      const { life } = this;
      this.disk.sync((zxid) => {
        if (life === this.life) this.input(() => this.step({ kind: 'durable', zxid }));
      });
    }
    this.wake?.cancel();
    this.wake = null;
    const { core } = this;
    if (!core) return;
    const wakeAtMs = core.peer.wakeAtMs();
    if (wakeAtMs === null) return;
    // Never at once again: time must pass, also for a core that wants to be woken now.
    const delay = Math.max(0.01, wakeAtMs - this.world.time.nowMs);
    const { life } = this;
    this.wake = this.world.time.after(delay, () => {
      if (life !== this.life) return;
      this.input(() => this.step({ kind: 'tick' }));
    });
  }

  // ---- disk

  /** @returns the last zxid of the log, or of the snapshot when nothing follows it. */
  private recover(): bigint {
    const { core } = this;
    if (!core) return 0n;
    const { snapshot, log } = this.disk.contents();
    core.database.clear();
    if (snapshot) {
      const sink = core.database.beginLoad();
      for (const item of new SnapshotStreamDecoder({ form: 'network' }).push(snapshot.body)) sink.push(item);
      sink.finish(snapshot.zxid);
    }
    for (const entry of log) core.database.apply(proposalOf(entry.bytes));
    return log.at(-1)?.zxid ?? snapshot?.zxid ?? 0n;
  }

  private snapshotNow(): StoredSnapshot | null {
    const source = this.core?.database.beginSnapshot();
    if (!source) return null;
    const pieces: Buffer[] = [];
    for (let piece = source.next(PIECE_BYTES); piece !== null; piece = source.next(PIECE_BYTES)) pieces.push(piece);
    return { zxid: source.zxid, body: Buffer.concat(pieces) };
  }

  // ---- quorum connections

  private connected(leader: SimulatedServer): void {
    const connection = this.world.network.connect(this.host, leader.host);
    this.toLeader = connection;
    const decoder = new QuorumStreamDecoder({ side: 'learner' });
    connection.attach(this.host, {
      onMessage: (message) =>
        this.input(() => {
          for (const item of decoder.push(message as Buffer)) {
            if (this.toLeader !== connection) return;
            if (item.kind === 'packet') this.step({ kind: 'leaderPacket', packet: item.packet });
            else if (item.kind === 'snapshotItem') this.step({ kind: 'leaderSnapshotItem', item: item.item });
            else this.step({ kind: 'leaderSnapshotEnd' });
          }
        }),
      onClosed: () =>
        this.input(() => {
          if (this.toLeader !== connection) return;
          this.toLeader = null;
          this.step({ kind: 'leaderClosed', reason: 'connection closed' });
        }),
    });
    leader.acceptLearner(connection);
    this.step({ kind: 'leaderConnected' });
  }

  private acceptLearner(connection: Connection): void {
    const link = (this.lastLink += 1);
    const decoder = new QuorumStreamDecoder({ side: 'leader' });
    this.learners.set(link, connection);
    connection.attach(this.host, {
      onMessage: (message) =>
        this.input(() => {
          for (const item of decoder.push(message as Buffer)) {
            if (!this.learners.has(link)) return;
            if (item.kind === 'packet') this.step({ kind: 'learnerPacket', link, packet: item.packet });
          }
        }),
      onClosed: () =>
        this.input(() => {
          if (this.learners.delete(link)) this.step({ kind: 'learnerClosed', link, reason: 'connection closed' });
        }),
    });
    this.soon(() => this.step({ kind: 'learnerConnected', link, remoteAddress: 'simulated' }));
  }
}
