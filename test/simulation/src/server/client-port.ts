/** A client's connection on a simulated server: frames in, replies out. */
import type { ClientAcceptor, ClientHandler, ClientLink } from '@menagerie/ensemble';
import type { Connection } from '../network/connection.js';
import type { SimulatedServer } from './simulated-server.js';

export function acceptClientOn(
  server: SimulatedServer,
  connection: Connection,
  number: number,
  acceptor: () => ClientAcceptor | null,
): void {
  const { host } = server;
  let handler: ClientHandler | null = null;
  let closed = false;
  const link: ClientLink = {
    id: number,
    remoteAddress: '127.0.0.1',
    remotePort: number,
    write: (frames) => connection.send(host, frames),
    close: () => {
      closed = true;
      connection.close(host);
      server.after(0, () => handler?.closed());
    },
    pause: () => undefined,
    resume: () => undefined,
  };
  connection.attach(host, {
    onMessage: (message) =>
      server.input(() => {
        if (closed) return;
        handler ??= acceptor()?.accept(link) ?? null;
        if (closed || handler === null) return;
        if (connection.speaker !== null) server.world.observer.heardOnServer(server.id, connection.speaker);
        handler.frames(message as Buffer[]);
      }),
    onClosed: () => {
      closed = true;
      server.input(() => handler?.closed());
    },
  });
}
