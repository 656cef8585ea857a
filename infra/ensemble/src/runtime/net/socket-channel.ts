/** A connection on Node's own socket, which TLS needs. */
import type { Socket } from 'node:net';
import { type ByteChannel, type ChannelOwner, LINGER_MS } from './byte-channel.js';
import { Outbox } from './outbox.js';

export class SocketChannel implements ByteChannel {
  readonly remotePort: number;
  private readonly outbox: Outbox;

  constructor(
    private readonly socket: Socket,
    readonly remoteAddress: string,
  ) {
    this.remotePort = socket.remotePort ?? 0;
    this.outbox = new Outbox(socket);
  }

  get queuedBytes(): number {
    return this.outbox.queuedBytes;
  }

  open(owner: ChannelOwner): void {
    const { socket } = this;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => owner.received(chunk));
    socket.on('drain', () => owner.drained());
    socket.on('error', (error) => owner.failed(error.message));
    socket.on('close', () => owner.closed());
  }

  write(bytes: Buffer): void {
    this.outbox.write(bytes);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  end(): void {
    this.outbox.flush();
    this.socket.end();
    this.socket.setTimeout(LINGER_MS, () => this.socket.destroy());
  }

  destroy(): void {
    this.socket.destroy();
  }
}
