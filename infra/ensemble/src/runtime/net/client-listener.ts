/** A port for clients. */
import { createServer, type Server, type Socket } from 'node:net';
import { ClientSocket, type ClientSocketOptions } from './client-socket.js';
import { closeServer, listen } from './listen.js';
import type { TlsGate, TlsPeer } from '../tls/index.js';
import type { HostPort } from './types.js';

export interface ClientListenerOptions extends ClientSocketOptions {
  readonly address: HostPort;
  readonly backlog: number | null;
  /** In all, connections of four-letter words included; 0: no limit. */
  readonly maxConnections: number;
  /** From one address, likewise. */
  readonly maxPerAddress: number;
  /** Told of each one that is refused for its being too many. */
  readonly onRefused: () => void;
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
  private readonly byAddress = new Map<string, number>();

  private constructor(private readonly options: ClientListenerOptions) {
    this.server = this.newServer();
  }

  private newServer(): Server {
    const { gate } = this.options;
    return createServer((socket) => {
      if (gate === null) this.take(socket, null);
      else gate.admit(socket, (through, peer) => this.take(through, peer));
    });
  }

  private take(socket: Socket, peer: TlsPeer): void {
    const { options } = this;
    const from = socket.remoteAddress ?? '';
    const fault = this.tooMany(from);
    if (fault !== null) {
      options.log.warn('too many client connections, one refused', { from, limit: fault });
      options.onRefused();
      socket.destroy();
      return;
    }
    this.byAddress.set(from, this.connectionsFrom(from) + 1);
    const client = new ClientSocket((lastId += 1), socket, options, peer);
    this.sockets.set(client, socket);
    const silence = setTimeout(() => client.hasSpoken || socket.destroy(), options.sessionlessTimeoutMs);
    socket.on('close', () => {
      clearTimeout(silence);
      this.sockets.delete(client);
      const left = this.connectionsFrom(from) - 1;
      if (left === 0) this.byAddress.delete(from);
      else this.byAddress.set(from, left);
    });
  }

  private connectionsFrom(address: string): number {
    return this.byAddress.get(address) ?? 0;
  }

  /** @returns the limit that one more would pass; null if it would not */
  private tooMany(from: string): number | null {
    const { maxConnections, maxPerAddress } = this.options;
    if (maxConnections > 0 && this.sockets.size >= maxConnections) return maxConnections;
    return maxPerAddress > 0 && this.connectionsFrom(from) >= maxPerAddress ? maxPerAddress : null;
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
