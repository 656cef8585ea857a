/**
 * One ZooKeeper server in this process: the core, and around it sockets, files and clocks.
 *
 *     clients ---> client port ---> request server --.
 *                                        |            \
 *     peers <---> election, quorum <---> peer <---> storage
 *
 * Everything that happens enters the core in one of three places (`deliver`, the frames of a client, the timer) and is
 * flushed at the end of the same turn. Nothing here ends the process: a server that can not go on says so in `stopped`,
 * and who embeds it decides (ZOOKEEPER-2029).
 */
import { maxFieldBytes } from '@menagerie/zookeeper-protocol';
import type {
  ClientAcceptor,
  ClientHandler,
  ClientLink,
  CoreLog,
  Env,
  Peer,
  PeerDescription,
  PeerInput,
} from '../../core/contract/index.js';
import { createDatabase, type DigestMismatch, type ReplicatedDatabase } from '../../core/database/index.js';
import { PeerMeters } from '../../core/meters/index.js';
import { createPeer } from '../../core/peer/index.js';
import { memberOf, type MembershipStore, parseQuorumConfigText, type QuorumConfig } from '../../core/quorum/index.js';
import { createRequestServer, type ClientRequestServer } from '../../core/server/index.js';
import { CONFIG_NODE } from '../../core/tree/paths.js';
import { ServerView } from '../admin/server-view.js';
import { MemberFiles, type ServerConfig } from '../config/index.js';
import { DamagedDataError, HaltedError, StorageFailedError } from '../errors.js';
import { silentLog } from '../log/pino-log.js';
import { Storage } from '../storage/storage.js';
import { hex } from '../storage/file-names.js';
import { type PeerTransport, peerTransport } from '../tls/index.js';
import { RuntimeEffects } from './effects.js';
import { realEnv } from './env.js';
import { operatorControls } from './operator-controls.js';
import { requestConfig } from './request-config.js';
import { ServerPorts } from './server-ports.js';
import { Turn, WakeUp } from './turn.js';

export interface StartOptions {
  /** Default: silence. */
  readonly log?: CoreLog;
  /** Default: real clocks and chance with `log`. */
  readonly env?: Env;
}

const HOUR_MS = 3_600_000;
/** How long a better vote is waited for once there is a quorum. Source: FastLeaderElection.finalizeWait. */
const FINALIZE_WAIT_MS = 200;
/** Without a leader, before a server that may serves read-only clients. Source: QuorumPeer.run. */
const READ_ONLY_AFTER_MS = 2000;
/** For a leader to open its port; a learner that found none looks for another. */
const CONNECT_LIMIT_MS = 1000;

export class ZkServer {
  /** Resolves once: `null` after `close`, otherwise what made the server stop; everything is closed then. */
  readonly stopped: Promise<Error | null>;
  private readonly env: Env;
  private readonly database: ReplicatedDatabase;
  private readonly requests: ClientRequestServer;
  private readonly transport: PeerTransport;
  private readonly effects: RuntimeEffects;
  private readonly peer: Peer;
  private readonly view: ServerView;
  private readonly meters = new PeerMeters();
  private readonly turn = new Turn(() => this.endTurn());
  private readonly wakeUp: WakeUp;
  /** Later than this, a timer says that the process stood still. Half a tick is the time between two heartbeats. */
  private readonly stoodStillMs: number;
  /** When something came in last. */
  private lookedAtMs = 0;
  private storage: Storage | null = null;
  private readonly ports: ServerPorts;
  private purgeTimer: NodeJS.Timeout | null = null;
  /** Inputs are taken: the peer was told to start, and nothing has gone wrong. */
  private isRunning = false;
  private isOver = false;
  private digestAlarm: DigestMismatch | null = null;
  private diskFault: StorageFailedError | null = null;
  private resolveStopped: (reason: Error | null) => void = () => {};

  private constructor(
    readonly config: ServerConfig,
    options: StartOptions,
  ) {
    this.env = options.env ?? realEnv(options.log ?? silentLog);
    this.stopped = new Promise((resolve) => (this.resolveStopped = resolve));
    this.wakeUp = new WakeUp(this.env.monotonicMs, () => this.deliver({ kind: 'tick' }));
    this.stoodStillMs = config.timing.tickTimeMs / 2;
    this.database = createDatabase({
      extendedTypes: config.extendedTypesEnabled,
      commitLogCount: config.commitLogCount,
      hashSeed: Math.floor(this.env.random() * 2 ** 32) | 0,
      onDigestMismatch: (mismatch) => this.onDigestMismatch(mismatch),
    });
    this.requests = createRequestServer({
      database: this.database,
      env: this.env,
      // Part of the session ids it makes; a server alone is number 1 there, as in Apache.
      serverId: config.quorum === null ? 1 : config.serverId,
      config: requestConfig(config),
    });
    this.transport = peerTransport(config.peerTls, this.env.log);
    this.effects = new RuntimeEffects({
      config,
      transport: this.transport,
      env: this.env,
      database: this.database,
      storage: () => this.storage!,
      election: () => this.ports.election,
      members: () => this.peer.membership,
      deliver: (input) => this.deliver(input),
      halt: (reason) => this.fail(this.diskFault ?? new HaltedError(reason)),
    });
    this.peer = this.createPeer();
    this.view = new ServerView({
      controls: operatorControls({
        config,
        env: this.env,
        requests: this.requests,
        storage: () => this.storage,
        isServing: () => this.peer.describe().phase === 'broadcast',
        enter: (work) => this.enter(work),
        deliver: (input) => this.deliver(input),
        restoreTime: () => this.view.restoreTime,
      }),
      config,
      env: this.env,
      peer: this.peer,
      requests: this.requests,
      database: this.database,
      proposalSizes: this.effects.proposalSizes,
      peerMeters: this.meters,
      storage: () => this.storage,
      ports: () => this.ports.clients,
    });
    this.ports = new ServerPorts({
      config,
      env: this.env,
      view: this.view,
      transport: this.transport,
      acceptor: this.acceptor,
      onTlsFailure: () => void (this.requests.traffic.authFailures++, this.requests.traffic.unsuccessfulHandshakes++),
      onRejected: () => void this.requests.traffic.connectionsRejected++,
      membership: this.peer.membership,
      deliver: (input) => this.deliver(input),
    });
  }

  /**
   * Ports first, then the disk, then the others: what the user got wrong shows before anything is touched.
   *
   * @throws ConfigError, PortError, DirectoryError, DamagedDataError; nothing is left open then
   */
  static async start(config: ServerConfig, options: StartOptions = {}): Promise<ZkServer> {
    const server = new ZkServer(config, options);
    try {
      for (const warning of config.warnings) server.env.log.warn(warning);
      await server.ports.open();
      await server.openStorage();
    } catch (error) {
      server.requests.audit?.serverStarted('failure');
      await server.shutDown(null);
      throw error;
    }
    server.requests.audit?.serverStarted('success');
    return server;
  }

  /** 0 if it does not listen for clients. */
  get clientPort(): number {
    return this.ports.clientPort;
  }

  /** 0 without `secureClientPort`. */
  get secureClientPort(): number {
    return this.ports.secureClientPort;
  }

  describe(): PeerDescription {
    return this.peer.describe();
  }

  /** The state of the tree as one number, the same on all servers at the same zxid. */
  get state(): { readonly zxid: bigint; readonly treeDigest: bigint } {
    return { zxid: this.database.lastProcessedZxid, treeDigest: this.database.treeDigest };
  }

  /** Stops in order: no connection is served any more, everything logged is durable. */
  async close(): Promise<void> {
    await this.shutDown(null);
  }

  private createPeer(): Peer {
    const { config, effects, database, env } = this;
    const { timing } = config;
    return createPeer({
      serverId: config.serverId,
      config: config.quorum,
      readOnlyAfterMs: config.readOnlyMode ? Math.max(READ_ONLY_AFTER_MS, timing.tickTimeMs) : null,
      memberStore: config.quorum !== null && config.reconfigEnabled ? this.memberStore() : null,
      timing: {
        tickTimeMs: timing.tickTimeMs,
        initLimitTicks: timing.initLimitTicks,
        syncLimitTicks: timing.syncLimitTicks,
        connectLimitMs: Math.min(CONNECT_LIMIT_MS, timing.tickTimeMs * timing.connectToLearnerMasterLimitTicks),
        disloyalVoterMs: timing.leaderMaxTimeToWaitForEpochMs,
        election: {
          finalizeWaitMs: FINALIZE_WAIT_MS,
          minNotificationIntervalMs: timing.minNotificationIntervalMs,
          maxNotificationIntervalMs: timing.maxNotificationIntervalMs,
        },
      },
      observerLogs: config.syncEnabled,
      isObserverMaster: config.observerMasterPort !== null,
      maxFieldBytes: maxFieldBytes(config.clientPort.maxBufferBytes),
      env,
      effects,
      database,
      requestServer: this.requests,
      meters: this.meters,
    });
  }

  private async openStorage(): Promise<void> {
    const { config, env, database } = this;
    const { storage, recovered, lastLoggedZxid, epochs } = await Storage.open({
      config: config.storage,
      serverId: config.quorum === null ? null : config.serverId,
      digestEnabled: config.digestEnabled,
      database,
      env,
      deliver: (input) => this.deliver(input),
      beforeReplay: () => (this.digestAlarm = null),
    });
    this.storage = storage;
    if (this.digestAlarm !== null)
      throw new DamagedDataError(config.storage.dataLogDir, describeAlarm(this.digestAlarm));
    env.log.info('recovered', {
      zxid: lastLoggedZxid,
      snapshot: recovered.snapshotZxid,
      transactions: recovered.transactions,
      nodes: this.database.tree.nodeCount,
    });
    if (config.storage.purgeIntervalHours > 0) {
      void storage.purge();
      this.purgeTimer = setInterval(() => void storage.purge(), config.storage.purgeIntervalHours * HOUR_MS);
    }
    this.isRunning = true;
    this.deliver({ kind: 'start', lastLoggedZxid, ...epochs, seenConfig: this.seenConfig() });
  }

  /** The files, and behind them the ports: who is connected, or dials the old one, must not be met in the middle. */
  private memberStore(): MembershipStore {
    const { config, env } = this;
    const files = new MemberFiles(config.file, config.serverId, env.log);
    let own = config.quorum === null ? null : memberOf(config.quorum, config.serverId);
    return {
      seeConfig: (next) => files.seeConfig(next),
      activateConfig: (members) => {
        files.activateConfig(members);
        const before = own;
        const after = memberOf(members, config.serverId);
        if (after === null) return;
        own = after;
        if (this.isRunning) this.ports.moveTo(before, after);
      },
    };
  }

  /** Of what was proposed last, whichever of file and log knows more: a power failure may have spared only one of them. */
  private seenConfig(): QuorumConfig | null {
    const { seenQuorum } = this.config;
    const node = this.database.tree.get(CONFIG_NODE);
    const text = node?.data ?? '';
    if (text === '') return seenQuorum;
    try {
      const logged = parseQuorumConfigText(text);
      return seenQuorum === null || logged.version > seenQuorum.version ? logged : seenQuorum;
    } catch (error) {
      this.env.log.warn('members in the data are not understood', { problem: (error as Error).message });
      return seenQuorum;
    }
  }

  /**
   * A process that is stopped and goes on finds its sockets before its timers. What it believed when it stopped may be
   * over: another may lead, and may have ended the sessions of those who ask. It may be stopped amid a turn as well, and then
   * read from a socket what came while it slept, as if its sender had been heard all the time.
   */
  private lookAtTheClock(): void {
    const nowMs = this.env.monotonicMs();
    const sinceLastMs = nowMs - this.lookedAtMs;
    this.lookedAtMs = nowMs;
    if ((this.turn.hasBegun ? sinceLastMs : this.wakeUp.overdueMs()) < this.stoodStillMs) return;
    this.turn.touch();
    this.peer.step({ kind: 'stoodStill' });
  }

  /** Every input of the peer but the frames of clients. */
  private deliver(input: PeerInput): void {
    if (!this.isRunning) return;
    if (input.kind === 'storageFailed') this.diskFault = new StorageFailedError(input.what, { cause: input.error });
    try {
      this.lookAtTheClock();
      this.peer.step(input);
    } catch (error) {
      this.fail(error);
    }
    this.turn.touch();
  }

  private readonly acceptor: ClientAcceptor = {
    accept: (link: ClientLink): ClientHandler | null => {
      let handler: ClientHandler | null = null;
      this.enter(() => (handler = this.requests.accept(link)));
      return handler === null ? null : new GuardedHandler(this, handler);
    },
  };

  /** A broken invariant ends the server, not the process. @internal */
  enter(work: () => void): void {
    try {
      this.lookAtTheClock();
      work();
    } catch (error) {
      this.fail(error);
    }
    this.turn.touch();
  }

  /** `enter`, without a closure for each read of each socket. @internal */
  framesArrived(handler: ClientHandler, frames: readonly Buffer[]): void {
    try {
      this.lookAtTheClock();
      handler.frames(frames);
    } catch (error) {
      this.fail(error);
    }
    this.turn.touch();
  }

  private endTurn(): void {
    if (!this.isRunning) return;
    const { peer, storage } = this;
    try {
      peer.flush();
      storage!.flush();
      if (storage!.wantsSnapshot && peer.describe().phase === 'broadcast') storage!.saveSnapshotInBackground();
      this.wakeUp.at(peer.wakeAtMs());
    } catch (error) {
      this.fail(error);
    }
  }

  private onDigestMismatch(mismatch: DigestMismatch): void {
    if (!this.config.digestEnabled) return;
    this.env.log.error('this state is not the one that the leader computed', {
      zxid: mismatch.zxid,
      expected: mismatch.expected,
      actual: mismatch.actual,
    });
    if (mismatch.standing === 'unproven') return;
    this.digestAlarm = mismatch;
    if (this.isRunning) this.fail(new HaltedError(describeAlarm(mismatch)));
  }

  private fail(reason: unknown): void {
    if (this.isOver) return;
    const error = reason instanceof Error ? reason : new Error(String(reason));
    this.env.log.error('server stops', { reason: error.message, ...stackOf(error) });
    void this.shutDown(error);
  }

  private async shutDown(reason: Error | null): Promise<void> {
    if (this.isOver) return void (await this.stopped);
    this.isOver = true;
    if (this.isRunning) this.requests.audit?.serverStops();
    this.isRunning = false;
    this.wakeUp.close();
    if (this.purgeTimer !== null) clearInterval(this.purgeTimer);
    this.transport.close();
    await this.ports.close();
    this.effects.close();
    await this.storage?.close();
    this.env.log.info('server stopped');
    this.resolveStopped(reason);
  }
}

/** What comes from a client, through the server's door. */
class GuardedHandler implements ClientHandler {
  constructor(
    private readonly server: ZkServer,
    private readonly handler: ClientHandler,
  ) {}

  frames(frames: readonly Buffer[]): void {
    this.server.framesArrived(this.handler, frames);
  }

  closed(): void {
    this.server.enter(() => this.handler.closed());
  }
}

function describeAlarm({ zxid, expected, actual }: DigestMismatch): string {
  return `expected the tree digest 0x${hex(expected)} after zxid 0x${hex(zxid)}, this server has 0x${hex(actual)}`;
}

/** Only of what nobody expected: everything with a code says all there is to say in its message. */
function stackOf(error: Error): { stack?: string } {
  return 'code' in error && !('generatedMessage' in error) ? {} : { stack: error.stack ?? '' };
}
