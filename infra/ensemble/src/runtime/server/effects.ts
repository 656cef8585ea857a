/** What the peer wants done, done: on the disk, on the connections to other servers, and to the server as a whole. */
import { maxFieldBytes, type Notification } from '@menagerie/zookeeper-protocol';
import type {
  Database,
  EpochKind,
  Env,
  LearnerLink,
  PeerEffects,
  PeerInput,
  ServerId,
  SnapshotSource,
} from '../../core/contract/index.js';
import type { HostPort, Membership } from '../../core/quorum/index.js';
import type { ServerConfig } from '../config/index.js';
import { LeaderConnection, LearnerLinks, type ElectionLinks } from '../net/index.js';
import type { Storage } from '../storage/storage.js';
import type { PeerTransport } from '../tls/index.js';
import { ProposalSizes } from './proposal-sizes.js';
import { listenAddress } from './server-ports.js';

export interface EffectsOptions {
  readonly config: ServerConfig;
  readonly env: Env;
  readonly transport: PeerTransport;
  readonly database: Database;
  /** Both are there before the first effect. */
  readonly storage: () => Storage;
  readonly election: () => ElectionLinks | null;
  /** Null for a server alone. */
  readonly members: () => Membership | null;
  readonly deliver: (input: PeerInput) => void;
  readonly halt: (reason: string) => void;
}

export class RuntimeEffects implements PeerEffects {
  readonly proposalSizes = new ProposalSizes();
  private readonly learners: LearnerLinks | null;
  private leader: LeaderConnection | null = null;
  private isLeading = false;
  /** Whom learners come to us as. */
  private acceptsAs: 'leader' | 'observers' = 'leader';
  /** Counts the masters this observer has tried, so that it tries all. */
  private mastersTried = Math.floor(Math.random() * 256);

  constructor(private readonly options: EffectsOptions) {
    const { config, env, deliver } = options;
    this.learners =
      config.quorum === null
        ? null
        : new LearnerLinks({
            listenOn: () => this.learnerAddress(),
            transport: options.transport,
            maxFieldBytes: maxFieldBytes(config.clientPort.maxBufferBytes),
            log: env.log,
            onConnected: (link, remoteAddress) => deliver({ kind: 'learnerConnected', link, remoteAddress }),
            onPacket: (link, packet) => deliver({ kind: 'learnerPacket', link, packet }),
            onClosed: (link, reason) => deliver({ kind: 'learnerClosed', link, reason }),
          });
  }

  appendToLog(zxid: bigint, bytes: Buffer): void {
    if (this.isLeading) this.proposalSizes.add(bytes.length);
    this.options.storage().appendToLog(zxid, bytes);
  }

  truncateLog(zxid: bigint): void {
    this.options.storage().truncateLog(zxid);
  }

  reloadDatabase(): void {
    this.options.storage().reloadDatabase();
  }

  readLog(token: number, fromZxid: bigint, toZxid: bigint): void {
    this.options.storage().readLog(token, fromZxid, toZxid);
  }

  saveEpoch(which: EpochKind, epoch: number): void {
    this.options.storage().saveEpoch(which, epoch);
  }

  saveSnapshot(token: number): void {
    this.options.storage().saveSnapshot(token);
  }

  sendNotification(to: ServerId, notification: Notification): void {
    this.options.election()?.send(to, notification);
  }

  connectToLeader(leader: ServerId): void {
    const { config, env, deliver } = this.options;
    const address = this.masterAddress(leader);
    if (address === null) {
      setImmediate(() => deliver({ kind: 'leaderClosed', reason: `server ${leader} is in no configuration` }));
      return;
    }
    this.leader?.close();
    this.leader = new LeaderConnection({
      leader: address,
      transport: this.options.transport,
      connectTimeoutMs: connectTimeoutMs(config),
      maxFieldBytes: maxFieldBytes(config.clientPort.maxBufferBytes),
      log: env.log,
      onConnected: () => deliver({ kind: 'leaderConnected' }),
      onPacket: (packet) => deliver({ kind: 'leaderPacket', packet }),
      onSnapshotItem: (item) => deliver({ kind: 'leaderSnapshotItem', item }),
      onSnapshotEnd: () => deliver({ kind: 'leaderSnapshotEnd' }),
      onClosed: (reason) => deliver({ kind: 'leaderClosed', reason }),
    });
  }

  sendToLeader(bytes: Buffer): void {
    this.leader?.send(bytes);
  }

  disconnectFromLeader(reason: string): void {
    if (this.leader === null) return;
    this.options.env.log.info('leaving the leader', { reason });
    this.leader.close();
    this.leader = null;
  }

  acceptLearners(accept: boolean, as: 'leader' | 'observers' = 'leader'): void {
    if (as === 'leader') {
      if (accept && !this.isLeading) this.proposalSizes.reset();
      this.isLeading = accept;
    }
    this.acceptsAs = as;
    this.learners?.accept(accept);
  }

  sendToLearner(link: LearnerLink, bytes: Buffer): void {
    this.learners?.send(link, bytes);
  }

  streamSnapshotToLearner(link: LearnerLink): void {
    const source = this.options.database.beginSnapshot();
    if (source === null) this.learners?.giveUp(link, 'too many snapshots are running');
    else this.learners?.streamSnapshot(link, this.tellingEnd(source));
  }

  closeLearner(link: LearnerLink, reason: string): void {
    this.options.env.log.info('closing the connection of a learner', { link, reason });
    this.learners?.closeLink(link);
  }

  halt(reason: string): void {
    this.options.halt(reason);
  }

  close(): void {
    this.leader?.close();
    this.leader = null;
    this.learners?.close();
  }

  /** An observer asks one follower after the other, if they take observers; whoever else, the leader. */
  private masterAddress(leader: ServerId): HostPort | null {
    const { config, members } = this.options;
    const current = members();
    const { observerMasterPort } = config;
    if (current === null) return null;
    if (observerMasterPort === null || current.ownRole !== 'observer') return current.member(leader)?.quorum ?? null;
    const followers = current.verifier.voters.filter((voter) => voter !== leader);
    const master = current.member(followers[this.mastersTried++ % followers.length] ?? leader);
    return master === null ? null : { host: master.quorum.host, port: observerMasterPort };
  }

  /** Where this server waits for learners. Out of the members it keeps the place it had. */
  private learnerAddress(): HostPort {
    const { config } = this.options;
    const memberOf = (server: ServerId) => this.options.members()?.member(server) ?? null;
    const own = memberOf(config.serverId) ?? config.quorum?.members.find(({ id }) => id === config.serverId);
    if (own === undefined) throw new Error(`expected a line for server ${config.serverId}`);
    const port = this.acceptsAs === 'leader' ? own.quorum.port : config.observerMasterPort!;
    return listenAddress(config, { host: own.quorum.host, port });
  }

  /** The storage may be waiting for a snapshot to end before it can begin one of its own. */
  private tellingEnd(source: SnapshotSource): SnapshotSource {
    const ended = (): void => this.options.storage().snapshotRoomFreed();
    return {
      zxid: source.zxid,
      treeDigest: source.treeDigest,
      next: (maxBytes) => {
        const piece = source.next(maxBytes);
        if (piece === null) ended();
        return piece;
      },
      abort: () => {
        source.abort();
        ended();
      },
    };
  }
}

/** A leader that does not take the call in this time will not be in time for the synchronization either. */
function connectTimeoutMs({ timing }: ServerConfig): number {
  return Math.min(timing.electionConnectTimeoutMs, timing.tickTimeMs * timing.initLimitTicks);
}
