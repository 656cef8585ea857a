/** One listener of the broker: takes connections, up to a limit in all and for each address. */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { PortBusyError } from '@menagerie/service';

import type { Listener } from '../config/listeners.js';
import { Connection, type ConnectionOptions } from './connection.js';
import type { ConnectionInfo } from './request-context.js';

export interface ListenerOptions extends ConnectionOptions {
  readonly listener: Listener;
  readonly maxConnections: number;
  readonly maxConnectionsPerIp: number;
}

let connectionIds = 0;

export class ListenerServer {
  private readonly open = new Map<Connection, string>();

  private constructor(
    private readonly server: Server,
    private readonly options: ListenerOptions,
  ) {
    server.on('connection', (socket) => this.accept(socket));
  }

  /** @throws PortBusyError */
  static async listen(options: ListenerOptions): Promise<ListenerServer> {
    const { host, port } = options.listener;
    const server = createServer({ noDelay: true });
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
      principal: 'User:ANONYMOUS',
    };
    const connection = new Connection(socket, info, this.options);
    this.open.set(connection, address);
    socket.once('close', () => this.open.delete(connection));
  }

  /** Takes no more connections and ends those that are open. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    for (const connection of this.open.keys()) connection.close();
    await closed;
  }
}
