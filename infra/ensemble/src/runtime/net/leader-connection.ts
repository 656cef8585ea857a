/**
 * A learner's connection to its leader: one attempt, and what comes of it.
 */
import { connect, type Socket } from 'node:net';
import { QuorumStreamDecoder, type QuorumPacket, type SnapshotItem } from '@menagerie/zookeeper-protocol';
import { Outbox } from './outbox.js';
import { reasonOf, type HostPort, type NetLog } from './types.js';

export interface LeaderConnectionOptions {
  readonly leader: HostPort;
  readonly connectTimeoutMs: number;
  readonly maxFieldBytes: number;
  readonly onConnected: () => void;
  readonly onPacket: (packet: QuorumPacket) => void;
  readonly onSnapshotItem: (item: SnapshotItem) => void;
  readonly onSnapshotEnd: () => void;
  /** Once, also when the attempt failed; never after `close`. */
  readonly onClosed: (reason: string) => void;
  readonly log: NetLog;
}

export class LeaderConnection {
  private readonly socket: Socket;
  private readonly outbox: Outbox;
  private ended = false;
  private problem = 'connection closed';

  constructor(private readonly options: LeaderConnectionOptions) {
    const { leader, connectTimeoutMs } = options;
    const socket = connect({ host: leader.host, port: leader.port, noDelay: true });
    this.socket = socket;
    this.outbox = new Outbox(socket);
    socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error(`no answer within ${connectTimeoutMs} ms`)));
    socket.on('error', (error) => (this.problem = error.message));
    socket.on('close', () => this.end(this.problem));
    socket.on('connect', () => {
      if (this.ended) return;
      socket.setTimeout(0);
      socket.setKeepAlive(true, 1000);
      this.receive(socket);
      options.onConnected();
    });
  }

  send(bytes: Buffer): void {
    this.outbox.write(bytes);
  }

  /** Also gives up the attempt. The owner hears nothing of it. */
  close(): void {
    if (this.ended) return;
    this.ended = true;
    this.outbox.flush();
    this.socket.destroySoon();
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
