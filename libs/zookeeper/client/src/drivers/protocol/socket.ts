/** One socket to a server, plain or TLS; its name is looked up anew for each. */
import { lookup, type LookupAddress, type LookupOptions } from 'node:dns';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import type { ServerAddress } from '../../driver.js';
import type { TlsOptions } from '../../security.js';

/**
 * Where the bytes of every connection of this thread arrive, one chunk at a time: Node would take 64 KiB for each read.
 * Whoever is told of a chunk is done with it, or has copied it, when it returns.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);
/** No chunk is longer. */
export const MAX_CHUNK_BYTES = readBuffer.length;

export interface SocketOptions {
  readonly tls: TlsOptions | null;
  readonly random: () => number;
  /** The connection can carry bytes. Called once, unless it is closed before. */
  readonly ready: () => void;
  /** Bytes have come. They are overwritten by the next: what is kept of them is copied. */
  readonly data: (chunk: Buffer) => void;
}

/**
 * Nothing of the resolver is kept, and of several addresses (a name that stands for a whole ensemble) a random one is
 * tried first, with the others behind it (RFC 8305, as Node does it).
 */
export function openSocket({ host, port }: ServerAddress, { tls, random, ready, data }: SocketOptions): Socket {
  const onread = {
    buffer: readBuffer,
    callback: (bytes: number): boolean => {
      data(readBuffer.subarray(0, bytes));
      return true;
    },
  };
  const address = { host, port, lookup: lookupShuffled(random), onread };
  const socket =
    tls === null
      ? connectPlain({ ...address, noDelay: true }, ready)
      : connectTls({ ...(tls as ConnectionOptions), ...nameOf(host, tls), ...address }, ready).setNoDelay(true);
  return socket;
}

/** An address is no name: it may not be sent as one (RFC 6066 3). */
function nameOf(host: string, { servername }: TlsOptions): { readonly servername?: string } {
  if (servername !== undefined) return { servername };
  return isIP(host) === 0 ? { servername: host } : {};
}

type LookupCallback = (error: Error | null, addresses: string | LookupAddress[], family?: number) => void;

function lookupShuffled(random: () => number) {
  return (host: string, options: LookupOptions, callback: LookupCallback): void => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error !== null) return callback(error, '');
      const from = Math.floor(random() * addresses.length);
      const rotated = [...addresses.slice(from), ...addresses.slice(0, from)];
      if (options.all === true) callback(null, rotated);
      else callback(null, rotated[0]!.address, rotated[0]!.family);
    });
  };
}
