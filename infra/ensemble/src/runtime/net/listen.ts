/** A listening socket that says when it listens, and whose closing really ends. */
import { once } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { HostPort } from './types.js';

/**
 * @returns the port, which the system chose when 0 was asked for.
 * @throws the system's error: EADDRINUSE, EADDRNOTAVAIL, EACCES.
 */
export async function listen(server: Server, address: HostPort, backlog: number | null = null): Promise<number> {
  server.listen({ host: address.host, port: address.port, ...(backlog === null ? {} : { backlog }) });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address and a port');
  return bound.port;
}

/** Stops listening and ends every connection; `Server.close` alone would wait for clients to leave. */
export async function closeServer(server: Server, sockets: Iterable<Socket>): Promise<void> {
  const closed = server.listening ? once(server, 'close') : null;
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
