/** The quorum port, open while we lead: one connection a learner. */
import { createServer, type Server, type Socket } from 'node:net';
import { QuorumStreamDecoder, type QuorumPacket } from '@menagerie/zookeeper-protocol';
import type { LearnerLink, SnapshotSource } from '../../core/contract/index.js';
import { listen } from './listen.js';
import type { PeerTransport } from '../tls/index.js';
import { Outbox } from './outbox.js';
import { SnapshotSender } from './snapshot-sender.js';
import { reasonOf, type HostPort, type NetLog } from './types.js';

export interface LearnerLinksOptions {
  /** Asked before each listening: it moves with this server's line. */
  readonly listenOn: () => HostPort;
  readonly transport: PeerTransport;
  readonly onConnected: (link: LearnerLink, remoteAddress: string) => void;
  readonly onPacket: (link: LearnerLink, packet: QuorumPacket) => void;
  /** The connection ended, and not by `closeLink`. */
  readonly onClosed: (link: LearnerLink, reason: string) => void;
  readonly maxFieldBytes: number;
  readonly log: NetLog;
}

/** More than any ensemble has. One more takes the place of the oldest that has not sent a packet, so that none is kept out. */
const MAX_LEARNERS = 256;
/** Who has sent no whole packet in this time is no learner: one byte a second is none either. */
const FIRST_PACKET_TIMEOUT_MS = 10_000;
/** A learner this far behind is of no use to the quorum: it starts again. */
const MAX_QUEUED_BYTES = 256 << 20;
const LISTEN_RETRY_MS = 50;

interface Learner {
  readonly socket: Socket;
  readonly outbox: Outbox;
  snapshot: SnapshotSender | null;
  hasSpoken: boolean;
}

export class LearnerLinks {
  private server: Server | null = null;
  private readonly learners = new Map<LearnerLink, Learner>();
  private lastLink = 0;
  private retry: NodeJS.Timeout | null = null;

  constructor(private readonly options: LearnerLinksOptions) {}

  /** While not accepting nobody can connect, and a learner that comes too early dials again. Those inside stay. */
  accept(accepting: boolean): void {
    if (accepting === (this.server !== null)) return;
    if (accepting) this.open();
    else this.stopListening();
  }

  send(link: LearnerLink, bytes: Buffer): void {
    const learner = this.learners.get(link);
    if (!learner) return;
    if (learner.snapshot) {
      learner.snapshot.holdBack(bytes);
      return;
    }
    learner.outbox.write(bytes);
    if (learner.outbox.queuedBytes > MAX_QUEUED_BYTES) this.giveUp(link, 'the learner does not read what it is sent');
  }

  /** Streams `source` behind what was sent so far and before what is sent later. */
  streamSnapshot(link: LearnerLink, source: SnapshotSource): void {
    const learner = this.learners.get(link);
    if (!learner) return source.abort();
    learner.outbox.flush();
    learner.snapshot = new SnapshotSender(
      learner.socket,
      source,
      (heldBack) => {
        learner.snapshot = null;
        for (const bytes of heldBack) learner.outbox.write(bytes);
      },
      (reason) => this.giveUp(link, reason),
    );
  }

  /** Sends what is queued, then closes. Nothing of this connection is handed over afterwards. */
  closeLink(link: LearnerLink): void {
    const learner = this.learners.get(link);
    if (!learner) return;
    this.learners.delete(link);
    learner.outbox.flush();
    learner.socket.destroySoon();
  }

  close(): void {
    for (const link of [...this.learners.keys()]) this.closeLink(link);
    this.stopListening();
  }

  /** The port is free at once; those inside keep their connections. */
  private stopListening(): void {
    if (this.retry) clearTimeout(this.retry);
    this.server?.close();
    this.server = null;
  }

  private open(): void {
    const server = createServer((socket) => this.options.transport.admit(socket, (ready) => this.connected(ready)));
    this.server = server;
    const listening = listen(server, this.options.listenOn());
    // Leadership may end while the address is looked up.
    const close = (): void => void (this.server === server || server.close());
    listening.then(close, (error: unknown) => {
      if (this.server !== server) return;
      // The last listener of an earlier leadership may still be closing; a foreign one is said once a try.
      this.options.log.warn('quorum port can not be opened, trying again', { reason: reasonOf(error) });
      this.server = null;
      this.retry = setTimeout(() => this.accept(true), LISTEN_RETRY_MS);
    });
  }

  private connected(socket: Socket): void {
    if (this.server === null || !this.makeRoom()) return void socket.destroy();
    const link = (this.lastLink += 1);
    const from = `${socket.remoteAddress}:${socket.remotePort}`;
    const decoder = new QuorumStreamDecoder({ side: 'leader', maxFieldBytes: this.options.maxFieldBytes });
    const learner: Learner = { socket, outbox: new Outbox(socket), snapshot: null, hasSpoken: false };
    this.learners.set(link, learner);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 1000);
    const silence = setTimeout(() => this.giveUp(link, 'no packet in time'), FIRST_PACKET_TIMEOUT_MS);
    socket.on('data', (chunk) => {
      let items;
      try {
        items = decoder.push(chunk);
      } catch (error) {
        this.options.log.warn('bad packet on the quorum port, connection closed', { from, reason: reasonOf(error) });
        return this.giveUp(link, 'bad packet');
      }
      if (items.length > 0 && !learner.hasSpoken) {
        learner.hasSpoken = true;
        clearTimeout(silence);
      }
      for (const item of items) {
        if (!this.learners.has(link)) return;
        if (item.kind === 'packet') this.options.onPacket(link, item.packet);
      }
    });
    socket.on('error', (error) => this.gone(link, error.message));
    socket.on('close', () => {
      clearTimeout(silence);
      this.gone(link, 'connection closed');
    });
    this.options.onConnected(link, from);
  }

  /** @returns false if everybody here is a learner */
  private makeRoom(): boolean {
    if (this.learners.size < MAX_LEARNERS) return true;
    for (const [link, { hasSpoken, socket }] of this.learners) {
      if (hasSpoken) continue;
      this.options.log.warn('too many connections on the quorum port, the oldest silent one is closed', {
        from: `${socket.remoteAddress}:${socket.remotePort}`,
      });
      socket.destroy();
      this.gone(link, 'others came');
      return true;
    }
    this.options.log.warn('too many learners, one refused');
    return false;
  }

  /** Ends a connection that is of no use, and says so later, as if it had ended by itself. */
  giveUp(link: LearnerLink, reason: string): void {
    this.learners.get(link)?.socket.destroy();
    setImmediate(() => this.gone(link, reason));
  }

  private gone(link: LearnerLink, reason: string): void {
    if (this.learners.delete(link)) this.options.onClosed(link, reason);
  }
}
