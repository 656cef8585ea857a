/** `host:port,host:port/chroot`, and what a chroot does to paths. Source of the form: ConnectStringParser.java. */
import { pathFault } from '@menagerie/zookeeper-protocol';
import type { ServerAddress } from './driver.js';
import { ZooKeeperError } from './errors.js';

const DEFAULT_PORT = 2181;

export interface ConnectTarget {
  readonly servers: readonly ServerAddress[];
  /** Empty for none; else begins with `/` and does not end with one. */
  readonly chroot: string;
}

/** @throws ZooKeeperError `ZK_CONNECT_STRING`, which names the part that is wrong */
export function parseConnectString(text: string): ConnectTarget {
  const slash = text.indexOf('/');
  const hosts = slash === -1 ? text : text.slice(0, slash);
  const chroot = slash === -1 || slash === text.length - 1 ? '' : text.slice(slash);
  const fault = chroot === '' ? null : pathFault(chroot);
  if (fault !== null) throw faulty(text, `its chroot can not be a path: ${fault}`);
  const parts = hosts
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw faulty(text, 'it names no server');
  return { servers: parts.map((part) => parseServer(part, text)), chroot };
}

export function formatServer(server: ServerAddress): string {
  return server.host.includes(':') ? `[${server.host}]:${server.port}` : `${server.host}:${server.port}`;
}

/** The path on the wire of a path as the caller says it. */
export function toAbsolute(chroot: string, path: string): string {
  if (chroot === '') return path;
  return path === '/' ? chroot : chroot + path;
}

/** The reverse. Precondition: the path is at or below the chroot, as every path of our own requests is. */
export function fromAbsolute(chroot: string, path: string): string {
  if (chroot === '') return path;
  return path.length === chroot.length ? '/' : path.slice(chroot.length);
}

function parseServer(part: string, text: string): ServerAddress {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+))(?::(.*))?$/.exec(part);
  const host = match?.[1] ?? match?.[2];
  if (match === null || host === undefined) {
    throw faulty(text, `"${part}" is not host:port (an IPv6 address stands in brackets)`);
  }
  const portText = match[3];
  if (portText === undefined) return { host, port: DEFAULT_PORT };
  const port = /^\d{1,5}$/.test(portText) ? Number(portText) : 0;
  if (port < 1 || port > 65535) throw faulty(text, `"${portText}" is not a port between 1 and 65535`);
  return { host, port };
}

function faulty(text: string, reason: string): ZooKeeperError {
  return new ZooKeeperError(
    'ZK_CONNECT_STRING',
    `expected a connect string like "host:2181,host:2181/chroot", got "${text}": ${reason}`,
  );
}
