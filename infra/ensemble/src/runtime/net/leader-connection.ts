/**
 * A learner's connection to its leader. Dials until it is taken or time is up: a leader opens its port only when it has
 * won, which the learner may know first.
 */
import { connect, type Socket } from 'node:net';
import { QuorumStreamDecoder, type QuorumPacket, type SnapshotItem } from '@menagerie/zookeeper-protocol';
import { Outbox } from './outbox.js';
import { reasonOf, type HostPort, type NetLog } from './types.js';

export interface LeaderConnectionOptions {
  readonly leader: HostPort;
  /** For all tries together. */
  readonly connectTimeoutMs: number;
  readonly maxFieldBytes: number;
  readonly onConnected: () => void;
  readonly onPacket: (packet: QuorumPacket) => void;
  readonly onSnapshotItem: (item: SnapshotItem) => void;
  readonly onSnapshotEnd: () => void;
  /** Once, also when no try succeeded; never after `close`. */
  readonly onClosed: (reason: string) => void;
  readonly log: NetLog;
}

const RETRY_MS = 10;

export class LeaderConnection {
  private socket: Socket | null = null;
  private outbox: Outbox | null = null;
  private retry: NodeJS.Timeout | null = null;
  private ended = false;
  private readonly deadline: NodeJS.Timeout;
  private lastProblem = 'no try was answered';

  constructor(private readonly options: LeaderConnectionOptions) {
    this.deadline = setTimeout(
      () => this.end(`no connection within ${options.connectTimeoutMs} ms: ${this.lastProblem}`),
      options.connectTimeoutMs,
    );
    this.dial();
  }

  send(bytes: Buffer): void {
    this.outbox?.write(bytes);
  }

  /** Ends it without a word to the owner. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.deadline);
    if (this.retry) clearTimeout(this.retry);
    this.outbox?.flush();
    this.socket?.destroy();
  }

  private end(reason: string): void {
    if (this.ended) return;
    this.close();
    this.options.onClosed(reason);
  }

  private dial(): void {
    const { leader } = this.options;
    const socket = connect({ host: leader.host, port: leader.port, noDelay: true });
    this.socket = socket;
    let connected = false;
    socket.on('error', (error) => (this.lastProblem = error.message));
    socket.on('close', () => {
      if (connected) this.end(this.lastProblem === 'no try was answered' ? 'connection closed' : this.lastProblem);
      else if (!this.ended) this.retry = setTimeout(() => this.dial(), RETRY_MS);
    });
    socket.on('connect', () => {
      connected = true;
      clearTimeout(this.deadline);
      socket.setKeepAlive(true, 1000);
      this.lastProblem = 'no try was answered';
      this.outbox = new Outbox(socket);
      this.receive(socket);
      this.options.onConnected();
    });
  }

  private receive(socket: Socket): void {
    const { options } = this;
    const decoder = new QuorumStreamDecoder({ side: 'learner', maxFieldBytes: options.maxFieldBytes });
    socket.on('data', (chunk) => {
      let items;
      try {
        items = decoder.push(chunk);
      } catch (error) {
        options.log.warn('bad packet from the leader, connection closed', { reason: reasonOf(error) });
        return this.end(`bad packet: ${reasonOf(error)}`);
      }
      for (const item of items) {
        if (this.ended) return;
        if (item.kind === 'packet') options.onPacket(item.packet);
        else if (item.kind === 'snapshotItem') options.onSnapshotItem(item.item);
        else options.onSnapshotEnd();
      }
    });
  }
}
