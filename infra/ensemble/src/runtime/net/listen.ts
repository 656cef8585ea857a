/** A listening socket that says when it listens, and whose closing really ends. */
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { isIP, type Server } from 'node:net';
import type { HostPort } from './types.js';

const ANY_HOST = '0.0.0.0';

/**
 * The wildcard address means both families, and a name its IPv4 address if it has one, as in Java: a peer of Apache's
 * that is told the same name dials that.
 *
 * @returns the port, which the system chose when 0 was asked for.
 * @throws the system's error: EADDRINUSE, EADDRNOTAVAIL, EACCES, ENOTFOUND.
 */
export async function listen(server: Server, address: HostPort, backlog: number | null = null): Promise<number> {
  const host = address.host === ANY_HOST ? {} : { host: await resolve(address.host) };
  server.listen({ ...host, port: address.port, ...(backlog === null ? {} : { backlog }) });
  await once(server, 'listening');
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has an address and a port');
  return bound.port;
}

async function resolve(host: string): Promise<string> {
  if (isIP(host) !== 0) return host;
  return (await lookup(host, { order: 'ipv4first' })).address;
}

/** Stops listening and ends every connection; `Server.close` alone would wait for clients to leave. */
export async function closeServer(server: Server, sockets: Iterable<{ destroy(): void }>): Promise<void> {
  const closed = server.listening ? once(server, 'close') : null;
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}
