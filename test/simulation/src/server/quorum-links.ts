/** A server's connections to others of the quorum: to its leader, or from its learners. */
import type { Database, LearnerLink } from '@menagerie/ensemble';
import { encodeSnapshotSignature, JuteWriter, QuorumStreamDecoder } from '@menagerie/zookeeper-protocol';
import type { Connection } from '../network/connection.js';
import type { SimulatedServer, World } from './simulated-server.js';

/** Small, so that a connection can break in the middle of a snapshot. */
const PIECE_BYTES = 512;
const DIAL_AGAIN_MS = 10;

export class QuorumLinks {
  toLeader: Connection | null = null;
  isAccepting = false;
  private readonly learners = new Map<LearnerLink, Connection>();
  private lastLink = 0;
  private attempt = 0;

  constructor(
    private readonly server: SimulatedServer,
    private readonly world: World,
  ) {}

  forgetAll(): void {
    this.attempt += 1;
    this.toLeader = null;
    this.isAccepting = false;
    this.learners.clear();
  }

  dial(leader: SimulatedServer): void {
    this.attempt += 1;
    const { attempt } = this;
    const { network } = this.world;
    const { host } = this.server;
    const tryAfter = (delayMs: number) =>
      this.server.after(delayMs, () => {
        if (attempt !== this.attempt) return;
        const isReachable = !network.isCut(host, leader.host) && !network.isCut(leader.host, host);
        if (isReachable && leader.isAcceptingLearners) this.connected(leader);
        else tryAfter(DIAL_AGAIN_MS);
      });
    tryAfter(0);
  }

  hangUp(): void {
    this.attempt += 1;
    this.toLeader?.close(this.server.host);
    this.toLeader = null;
  }

  sendTo(link: LearnerLink, bytes: Buffer): void {
    this.learners.get(link)?.send(this.server.host, bytes);
  }

  streamSnapshot(link: LearnerLink, database: Database): void {
    const connection = this.learners.get(link);
    const source = database.beginSnapshot();
    if (!connection || !source) {
      source?.abort();
      this.close(link);
      return this.server.after(0, () =>
        this.server.step({ kind: 'learnerClosed', link, reason: 'too many snapshots' }),
      );
    }
    for (let piece = source.next(PIECE_BYTES); piece !== null; piece = source.next(PIECE_BYTES)) {
      connection.send(this.server.host, piece);
    }
    const signature = new JuteWriter(64);
    encodeSnapshotSignature(signature);
    connection.send(this.server.host, signature.toBuffer());
  }

  close(link: LearnerLink): void {
    const connection = this.learners.get(link);
    if (!connection) return;
    this.learners.delete(link);
    connection.close(this.server.host);
  }

  accept(connection: Connection): void {
    const { server, learners } = this;
    const link = (this.lastLink += 1);
    const decoder = new QuorumStreamDecoder({ side: 'leader' });
    learners.set(link, connection);
    connection.attach(server.host, {
      onMessage: (message) =>
        server.input(() => {
          for (const item of decoder.push(message as Buffer)) {
            if (!learners.has(link)) return;
            if (item.kind === 'packet') server.step({ kind: 'learnerPacket', link, packet: item.packet });
          }
        }),
      onClosed: () =>
        server.input(() => {
          if (learners.delete(link)) server.step({ kind: 'learnerClosed', link, reason: 'connection closed' });
        }),
    });
    server.after(0, () => server.step({ kind: 'learnerConnected', link, remoteAddress: 'simulated' }));
  }

  private connected(leader: SimulatedServer): void {
    const { server } = this;
    const connection = this.world.network.connect(server.host, leader.host);
    this.toLeader = connection;
    const decoder = new QuorumStreamDecoder({ side: 'learner' });
    connection.attach(server.host, {
      onMessage: (message) =>
        server.input(() => {
          for (const item of decoder.push(message as Buffer)) {
            if (this.toLeader !== connection) return;
            if (item.kind === 'packet') server.step({ kind: 'leaderPacket', packet: item.packet });
            else if (item.kind === 'snapshotItem') server.step({ kind: 'leaderSnapshotItem', item: item.item });
            else server.step({ kind: 'leaderSnapshotEnd' });
          }
        }),
      onClosed: () =>
        server.input(() => {
          if (this.toLeader !== connection) return;
          this.toLeader = null;
          server.step({ kind: 'leaderClosed', reason: 'connection closed' });
        }),
    });
    leader.acceptLearner(connection);
    server.step({ kind: 'leaderConnected' });
  }
}
