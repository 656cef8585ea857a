/** A port for clients. */
import { createServer, type Server, type Socket } from 'node:net';
import { AddressCounts } from './address-counts.js';
import { ClientSocket, type ClientSocketOptions } from './client-socket.js';
import { closeServer, listen } from './listen.js';
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

export class ClientListener {
  private server: Server;
  private readonly sockets = new Map<ClientSocket, Socket>();
  private readonly counts = new AddressCounts();

  private constructor(private readonly options: ClientListenerOptions) {
    this.server = this.newServer();
  }

  private newServer(): Server {
    const { gate } = this.options;
    return createServer((socket) => {
      if (!this.hasRoom(socket)) return void socket.destroy();
      if (gate === null) this.take(socket, null);
      else gate.admit(socket, (through, peer) => this.take(through, peer));
    });
  }

  private hasRoom(socket: Socket): boolean {
    const { maxConnections, maxConnectionsPerAddress, onRejected, log } = this.options;
    const from = socket.remoteAddress ?? '';
    const isFull = maxConnections > 0 && this.counts.total >= maxConnections;
    if (isFull || (maxConnectionsPerAddress > 0 && this.counts.of(from) >= maxConnectionsPerAddress)) {
      const limit = isFull ? maxConnections : maxConnectionsPerAddress;
      log.warn(isFull ? 'too many client connections, one refused' : 'too many connections from one address', {
        from,
        limit,
      });
      onRejected();
      return false;
    }
    this.counts.add(from);
    let isCounted = true;
    const leave = (): void => {
      if (isCounted) this.counts.remove(from);
      isCounted = false;
    };
    // Once we have said goodbye it is over, whenever the other side hears of it.
    socket.once('finish', leave);
    socket.once('close', leave);
    return true;
  }

  private take(socket: Socket, peer: TlsPeer): void {
    const { options } = this;
    const client = new ClientSocket((lastId += 1), socket, options, peer);
    this.sockets.set(client, socket);
    const silence = setTimeout(() => client.hasSpoken || socket.destroy(), options.sessionlessTimeoutMs);
    socket.on('close', () => {
      clearTimeout(silence);
      this.sockets.delete(client);
    });
  }

  /** Those that have not begun a session. */
  *strangers(): Iterable<ClientSocket> {
    for (const client of this.sockets.keys()) if (!client.hasSpoken) yield client;
  }

  /** @throws the system's error, such as EADDRINUSE. */
  static async open(options: ClientListenerOptions): Promise<ClientListener> {
    const listener = new ClientListener(options);
    await listen(listener.server, options.address, options.backlog);
    return listener;
  }

  get port(): number {
    const address = this.server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get connections(): number {
    return this.sockets.size;
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
    await listen(next, address, this.options.backlog);
    this.server = next;
    former.close();
  }

  close(): Promise<void> {
    this.options.gate?.close();
    return closeServer(this.server, this.sockets.values());
  }
}
