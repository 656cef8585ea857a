/**
 * The first bytes on an election connection, from the server that dialled.
 *
 *   greeting = long protocolVersion (-65536 or -65535), long serverId, int length (1..2048), bytes "host:port[|host:port]*"
 *            | long serverId                              before 3.5, and never negative
 *
 * Apache reads the address with one call and takes what that returns, so a greeting has to leave in one write.
 * Source: QuorumCnxManager.java (InitialMessage, startConnection, handleConnection).
 */
import { ElectionGreetingError } from '../errors.js';
import { readInt32, readInt64, writeInt32, writeInt64 } from '../jute/int64.js';

/** One address, understood since 3.5; what everyone sends unless several addresses are switched on (ZOOKEEPER-3720). */
export const GREETING_V1 = -65536n;
/** Several addresses, since 3.6. */
export const GREETING_V2 = -65535n;

export const MAX_GREETING_ADDRESS_BYTES = 2048;

const LONG_BYTES = 8;
const BYTES_BEFORE_ADDRESSES = 20;
/** The longest greeting there is. */
export const MAX_GREETING_BYTES = BYTES_BEFORE_ADDRESSES + MAX_GREETING_ADDRESS_BYTES;

export interface ElectionAddress {
  /** A name or an address; IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
}

export interface ElectionGreeting {
  readonly serverId: bigint;
  /** Where the sender can be dialled; empty in the oldest form. Wildcards such as 0.0.0.0 are for the caller to skip. */
  readonly addresses: readonly ElectionAddress[];
}

/** @param addresses one, or several for servers that all know them */
export function encodeGreeting(serverId: bigint, addresses: readonly ElectionAddress[]): Buffer {
  const text = Buffer.from(addresses.map(formatAddress).join('|'), 'utf8');
  if (text.length === 0 || text.length > MAX_GREETING_ADDRESS_BYTES) {
    throw new RangeError(`expected 1 to ${MAX_GREETING_ADDRESS_BYTES} bytes of addresses, got ${text.length}`);
  }
  const greeting = Buffer.allocUnsafe(BYTES_BEFORE_ADDRESSES + text.length);
  writeInt64(greeting, 0, addresses.length === 1 ? GREETING_V1 : GREETING_V2);
  writeInt64(greeting, 8, serverId);
  writeInt32(greeting, 16, text.length);
  greeting.set(text, BYTES_BEFORE_ADDRESSES);
  return greeting;
}

/**
 * @param bytes the stream from its first byte
 * @returns the greeting and how many bytes it took, or null while it is incomplete
 * @throws ElectionGreetingError
 */
export function decodeGreeting(bytes: Buffer): { greeting: ElectionGreeting; byteCount: number } | null {
  if (bytes.length < LONG_BYTES) return null;
  const version = readInt64(bytes, 0);
  if (version >= 0n) return { greeting: { serverId: version, addresses: [] }, byteCount: LONG_BYTES };
  if (version !== GREETING_V1 && version !== GREETING_V2) {
    throw new ElectionGreetingError(`expected protocol version ${GREETING_V1} or ${GREETING_V2}, got ${version}`);
  }
  if (bytes.length < BYTES_BEFORE_ADDRESSES) return null;
  const length = readInt32(bytes, 16);
  if (length <= 0 || length > MAX_GREETING_ADDRESS_BYTES) {
    throw new ElectionGreetingError(`expected 1 to ${MAX_GREETING_ADDRESS_BYTES} bytes of addresses, got ${length}`);
  }
  const byteCount = BYTES_BEFORE_ADDRESSES + length;
  if (bytes.length < byteCount) return null;
  const text = bytes.toString('utf8', BYTES_BEFORE_ADDRESSES, byteCount);
  return { greeting: { serverId: readInt64(bytes, 8), addresses: text.split('|').map(parseAddress) }, byteCount };
}

function formatAddress({ host, port }: ElectionAddress): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

function parseAddress(text: string): ElectionAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || !(port <= 0xffff)) {
    throw new ElectionGreetingError(`expected an address as host:port, got ${JSON.stringify(text)}`);
  }
  return { host, port };
}
