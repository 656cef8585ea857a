/** One listener of the broker: takes connections, up to a limit in all and for each address. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions, TLSSocket } from 'node:tls';
import { PortBusyError } from '@menagerie/service';

import type { Listener } from '../config/listeners.js';
import { usesSasl } from '../config/security-config.js';
import { STRANGER_FRAME_BYTES } from '../security/sasl-gate.js';
import { principalOf } from '../security/tls-settings.js';
import { Connection, type ConnectionOptions, type Dispatch } from './connection.js';
import type { ConnectionInfo } from './request-context.js';

export interface ListenerOptions extends Omit<ConnectionOptions, 'dispatch'> {
  readonly listener: Listener;
  /** Null for a listener without TLS. */
  readonly tls: TlsOptions | null;
  /** For each connection one of its own: who is on the other side is a matter of the connection. */
  readonly dispatch: () => Dispatch;
  readonly maxFrameBytes: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
}

let connectionIds = 0;

export class ListenerServer {
  private readonly open = new Map<Connection, string>();
  /** With TLS: whoever has connected, their handshakes done or not. */
  private readonly raw = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly options: ListenerOptions,
  ) {
    if (options.tls === null) {
      server.on('connection', (socket: Socket) => this.accept(socket));
      return;
    }
    server.maxConnections = options.maxConnections;
    server.on('connection', (socket: Socket) => {
      this.raw.add(socket);
      socket.once('close', () => this.raw.delete(socket));
    });
    server.on('secureConnection', (socket: TLSSocket) => this.accept(socket));
    // The handshake failed and the socket is closed already: strangers' business.
    server.on('tlsClientError', () => undefined);
  }

  /** @throws PortBusyError */
  static async listen(options: ListenerOptions): Promise<ListenerServer> {
    const { host, port } = options.listener;
    const { tls } = options;
    const server = tls === null ? createServer({ noDelay: true }) : createTlsServer({ ...tls, noDelay: true });
    const listener = new ListenerServer(server, options);
    server.listen(port, host);
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortBusyError(host, port, error);
      throw error;
    }
    return listener;
  }

  /** The port that was really taken. */
  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.open.size;
  }

  private accept(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const ofAddress = [...this.open.values()].filter((each) => each === address).length;
    const { maxConnections, maxConnectionsPerIp } = this.options;
    if (this.open.size >= maxConnections || ofAddress >= maxConnectionsPerIp) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const info: ConnectionInfo = {
      id: ++connectionIds,
      clientHost: `/${address.replace(/^::ffff:/, '')}`,
      listener: this.options.listener.name,
      principal: nameOf(socket) ?? 'User:ANONYMOUS',
      maxFrameBytes: usesSasl(this.options.listener) ? STRANGER_FRAME_BYTES : this.options.maxFrameBytes,
      endAfterAnswer: false,
    };
    const connection = new Connection(socket, info, { ...this.options, dispatch: this.options.dispatch() });
    this.open.set(connection, address);
    socket.once('close', () => this.open.delete(connection));
  }

  /** Takes no more connections and ends those that are open. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const connection of this.open.keys()) connection.close();
    for (const socket of this.raw) socket.destroy();
    await closed;
  }
}

/** Who a client certificate that we trust is for; null without one. */
const nameOf = (socket: Socket): string | null =>
  socket instanceof TLSSocket && socket.authorized ? principalOf(socket.getPeerCertificate()) : null;
