/** A port for clients. */
import { createServer, type Server, type Socket } from 'node:net';
import { AddressCounts } from './address-counts.js';
import type { ByteChannel } from './byte-channel.js';
import { ClientSocket, type ClientSocketOptions, type ClientSocketOwner } from './client-socket.js';
import { closeServer, listen } from './listen.js';
import { SocketChannel } from './socket-channel.js';
import { TcpChannel } from './tcp-channel.js';
import { takeHandles, type TcpHandle } from './tcp-handle.js';
import type { TlsGate, TlsPeer } from '../tls/index.js';
import type { HostPort } from './types.js';

export interface ClientListenerOptions extends ClientSocketOptions {
  readonly address: HostPort;
  readonly backlog: number | null;
  /** In all, connections of four-letter words included; 0: no limit. */
  readonly maxConnections: number;
  /** From one address, those that have said nothing included; 0: no limit. */
  readonly maxConnectionsPerAddress: number;
  readonly onRejected: () => void;
  /** A connection that has said nothing is closed after this. */
  readonly sessionlessTimeoutMs: number;
  /** Where TLS is spoken, or may be; null: nowhere. */
  readonly gate: TlsGate | null;
}

/** Over all ports, since connections are told apart by it. */
let lastId = 0;

export class ClientListener implements ClientSocketOwner {
  private server: Server;
  private readonly clients = new Set<ClientSocket>();
  /** Those that have not begun a session, in the order in which they came. */
  private readonly unknown = new Set<ClientSocket>();
  private readonly counts = new AddressCounts();
  /** For the oldest of the unknown. */
  private silence: NodeJS.Timeout | null = null;

  private constructor(private readonly options: ClientListenerOptions) {
    this.server = this.newServer();
  }

  /** @throws the system's error, such as EADDRINUSE. */
  static async open(options: ClientListenerOptions): Promise<ClientListener> {
    const listener = new ClientListener(options);
    await listener.listen(listener.server, options.address);
    return listener;
  }

  get port(): number {
    const address = this.server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get connections(): number {
    return this.clients.size;
  }

  /** Those that have not begun a session. */
  strangers(): Iterable<ClientSocket> {
    return this.unknown;
  }

  /**
   * Listens there instead; who is connected stays. If that can not be, it goes on where it was, unless that is the same port.
   *
   * @throws the system's error, such as EADDRINUSE.
   */
  async moveTo(address: HostPort): Promise<void> {
    const former = this.server;
    const next = this.newServer();
    // Two that differ in the host only can not listen side by side.
    if (address.port === this.port) former.close();
    await this.listen(next, address);
    this.server = next;
    former.close();
  }

  close(): Promise<void> {
    this.options.gate?.close();
    if (this.silence !== null) clearTimeout(this.silence);
    return closeServer(this.server, this.clients);
  }

  introduced(client: ClientSocket): void {
    this.unknown.delete(client);
  }

  leaving({ remoteAddress }: ClientSocket): void {
    // Once we have said goodbye it is over, whenever the other side hears of it.
    this.counts.remove(remoteAddress);
  }

  closed(client: ClientSocket): void {
    this.clients.delete(client);
    this.unknown.delete(client);
  }

  private newServer(): Server {
    const { gate } = this.options;
    return createServer((socket) => {
      if (gate === null) this.takeSocket(socket);
      else this.sendThrough(gate, socket);
    });
  }

  private async listen(server: Server, address: HostPort): Promise<void> {
    await listen(server, address, this.options.backlog);
    // A gate needs sockets.
    if (this.options.gate === null) takeHandles(server, (handle) => this.takeHandle(handle));
  }

  private takeHandle(handle: TcpHandle): void {
    const peer: { address?: string; port?: number } = {};
    // One that is gone already has no name.
    const from = handle.getpeername(peer) === 0 ? this.enter(peer.address ?? '') : null;
    if (from === null) handle.close(() => undefined);
    else this.welcome(new TcpChannel(handle, from, peer.port ?? 0), null);
  }

  private takeSocket(socket: Socket): void {
    const from = this.enter(socket.remoteAddress ?? '');
    if (from === null) socket.destroy();
    else this.welcome(new SocketChannel(socket, from), null);
  }

  /** It counts from now on, and until it ends if it does not come through. */
  private sendThrough(gate: TlsGate, socket: Socket): void {
    const from = this.enter(socket.remoteAddress ?? '');
    if (from === null) return void socket.destroy();
    let isThrough = false;
    socket.once('close', () => isThrough || this.counts.remove(from));
    gate.admit(socket, (through, peer) => {
      isThrough = true;
      this.welcome(new SocketChannel(through, from), peer);
    });
  }

  /** @returns the address as it is counted, null if there is no room for one more of it */
  private enter(address: string): string | null {
    const { maxConnections, maxConnectionsPerAddress, onRejected, log } = this.options;
    const from = plain(address);
    const isFull = maxConnections > 0 && this.counts.total >= maxConnections;
    if (isFull || (maxConnectionsPerAddress > 0 && this.counts.of(from) >= maxConnectionsPerAddress)) {
      const limit = isFull ? maxConnections : maxConnectionsPerAddress;
      log.warn(isFull ? 'too many client connections, one refused' : 'too many connections from one address', {
        from,
        limit,
      });
      onRejected();
      return null;
    }
    return this.counts.add(from);
  }

  private welcome(channel: ByteChannel, peer: TlsPeer): void {
    const client = new ClientSocket((lastId += 1), channel, this, this.options, peer, Math.floor(performance.now()));
    this.clients.add(client);
    this.unknown.add(client);
    this.watchSilence();
  }

  /** All wait equally long, so the oldest is the next to go. */
  private watchSilence(): void {
    if (this.silence !== null) return;
    const [oldest] = this.unknown;
    if (oldest === undefined) return;
    const { sessionlessTimeoutMs } = this.options;
    const leftMs = oldest.sinceMs + sessionlessTimeoutMs - performance.now();
    this.silence = setTimeout(
      () => {
        this.silence = null;
        const nowMs = performance.now();
        for (const client of this.unknown) {
          if (client.sinceMs + sessionlessTimeoutMs > nowMs) break;
          this.unknown.delete(client);
          client.destroy();
        }
        this.watchSilence();
      },
      Math.max(1, Math.ceil(leftMs)),
    );
  }
}

/** A socket that listens for both families shows IPv4 in IPv6's clothes; ACLs and logs know the plain one. */
const plain = (address: string): string => address.replace(/^::ffff:/, '');
