/** How servers of an ensemble reach each other: plainly, over TLS, or (while one becomes the other) both. */
import { connect, type Socket } from 'node:net';
import type { PeerTlsConfig } from '../config/types.js';
import type { HostPort, NetLog } from '../net/types.js';
import { TlsDialler } from './contexts.js';
import { TlsGate } from './gate.js';

export interface PeerTransport {
  /** The event of a dialled socket that says it can be written to. */
  readonly connectedEvent: 'connect' | 'secureConnect';
  dial(address: HostPort): Socket;
  /** Brings an accepted connection as far as the protocol; `ready` is called once, or never if it ends before. */
  admit(socket: Socket, ready: (socket: Socket) => void): void;
  /** Ends what has not come as far. */
  close(): void;
}

export const plainTransport: PeerTransport = {
  connectedEvent: 'connect',
  dial: ({ host, port }) => connect({ host, port, noDelay: true }),
  admit: (socket, ready) => ready(socket),
  close: () => {},
};

/** @throws StoreError */
export function peerTransport(config: PeerTlsConfig | null, log: NetLog): PeerTransport {
  if (config === null) return plainTransport;
  const { tls, dials, allowsPlain } = config;
  const gate = new TlsGate({ config: tls, allowsPlain, purpose: 'peer', log });
  const dialler = dials ? new TlsDialler(tls) : null;
  return {
    connectedEvent: dialler === null ? 'connect' : 'secureConnect',
    dial: (address) => dialler?.dial(address) ?? plainTransport.dial(address),
    admit: (socket, ready) => gate.admit(socket, ready),
    close: () => gate.close(),
  };
}
