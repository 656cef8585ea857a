/**
 * A learner's connection to its leader. A leader opens its port only when it has won, which the learner may know first:
 * so it is dialled until it takes the call or the owner gives up.
 */
import type { Socket } from 'node:net';
import { QuorumStreamDecoder, type QuorumPacket, type SnapshotItem } from '@menagerie/zookeeper-protocol';
import type { PeerTransport } from '../tls/index.js';
import { Outbox } from './outbox.js';
import { reasonOf, type HostPort, type NetLog } from './types.js';

export interface LeaderConnectionOptions {
  readonly leader: HostPort;
  readonly transport: PeerTransport;
  /** For one attempt. */
  readonly connectTimeoutMs: number;
  readonly maxFieldBytes: number;
  readonly onConnected: () => void;
  readonly onPacket: (packet: QuorumPacket) => void;
  readonly onSnapshotItem: (item: SnapshotItem) => void;
  readonly onSnapshotEnd: () => void;
  /** Once, and only after `onConnected`; never after `close`. */
  readonly onClosed: (reason: string) => void;
  readonly log: NetLog;
}

const RETRY_MS = 10;

export class LeaderConnection {
  private socket: Socket | null = null;
  private outbox: Outbox | null = null;
  private retry: NodeJS.Timeout | null = null;
  private ended = false;
  private dialled = 0;
  private problem = 'connection closed';

  constructor(private readonly options: LeaderConnectionOptions) {
    this.dial();
  }

  /** Dialled so often. */
  get attempts(): number {
    return this.dialled;
  }

  send(bytes: Buffer): void {
    this.outbox?.write(bytes);
  }

  /** Also gives up dialling. The owner hears nothing of it. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    if (this.retry !== null) clearTimeout(this.retry);
    this.outbox?.flush();
    if (this.outbox === null) this.socket?.destroy();
    else this.socket?.destroySoon();
  }

  private dial(): void {
    const { leader, transport, connectTimeoutMs } = this.options;
    const socket = transport.dial(leader);
    this.socket = socket;
    this.dialled++;
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)));
    socket.on('error', (error) => (this.problem = error.message));
    socket.on(transport.connectedEvent, () => this.connected(socket));
    socket.on('close', () => {
      if (this.outbox !== null) this.end(this.problem);
      else if (!this.ended) this.retry = setTimeout(() => this.dial(), RETRY_MS);
    });
  }

  private connected(socket: Socket): void {
    if (this.ended) return;
    this.problem = 'connection closed';
    this.outbox = new Outbox(socket);
    socket.setTimeout(0);
    socket.setKeepAlive(true, 1000);
    this.receive(socket);
    this.options.onConnected();
  }

  private end(reason: string): void {
    if (this.ended) return;
    this.close();
    this.options.onClosed(reason);
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
