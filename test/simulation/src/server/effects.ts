/** What the core wants done, done by the simulated world: on the server's disk, and over its links. */
import type { EpochKind, LearnerLink, PeerEffects, ReplicatedDatabase, ServerId, Storage } from '@menagerie/ensemble';
import type { Notification } from '@menagerie/zookeeper-protocol';
import type { QuorumLinks } from './quorum-links.js';
import type { Moment, SimulatedServer } from './simulated-server.js';

/** Of the process that is running; nothing here is called while none is. */
export interface ServerProcess {
  readonly storage: () => Storage;
  readonly database: () => ReplicatedDatabase;
  readonly append: (zxid: bigint, bytes: Buffer) => void;
  readonly moment: (moment: Moment) => void;
  readonly exit: (reason: string) => void;
}

export class SimulatedEffects implements PeerEffects {
  constructor(
    private readonly server: SimulatedServer,
    private readonly links: QuorumLinks,
    private readonly process: ServerProcess,
  ) {}

  appendToLog(zxid: bigint, bytes: Buffer): void {
    this.process.append(zxid, bytes);
  }

  truncateLog(zxid: bigint): void {
    this.process.storage().truncateLog(zxid);
    this.process.moment('truncation');
  }

  reloadDatabase(): void {
    this.process.storage().reloadDatabase();
    this.server.world.time.promisesSettle();
  }

  readLog(token: number, fromZxid: bigint, toZxid: bigint): void {
    this.process.storage().readLog(token, fromZxid, toZxid);
    this.server.world.time.promisesSettle();
  }

  saveEpoch(which: EpochKind, epoch: number): void {
    if (which === 'current') this.server.world.observer.takesUp(this.server.id, epoch);
    this.process.storage().saveEpoch(which, epoch);
    this.process.moment(which === 'accepted' ? 'accepted epoch' : 'current epoch');
  }

  saveSnapshot(token: number): void {
    this.process.storage().saveSnapshot(token);
    this.process.moment('snapshot');
  }

  sendNotification(to: ServerId, notification: Notification): void {
    const { id, host, world } = this.server;
    const target = world.serverOf(to);
    world.network.datagram(host, target.host, () => target.deliver({ kind: 'notification', from: id, notification }));
  }

  connectToLeader(leader: ServerId): void {
    this.links.dial(this.server.world.serverOf(leader));
  }

  sendToLeader(bytes: Buffer): void {
    this.links.toLeader?.send(this.server.host, bytes);
  }

  disconnectFromLeader(): void {
    this.links.hangUp();
  }

  acceptLearners(accept: boolean): void {
    this.links.isAccepting = accept;
  }

  sendToLearner(link: LearnerLink, bytes: Buffer): void {
    this.links.sendTo(link, bytes);
  }

  streamSnapshotToLearner(link: LearnerLink): void {
    this.links.streamSnapshot(link, this.process.database());
    this.process.storage().snapshotRoomFreed();
    this.process.moment('stream');
  }

  closeLearner(link: LearnerLink): void {
    this.links.close(link);
  }

  halt(reason: string): void {
    this.process.exit(reason);
  }
}
