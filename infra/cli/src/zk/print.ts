/** What the shell shows, in the words of zkCli: scripts cut this text up. Source: StatPrinter.java, AclParser.java. */
import { type Acl, isZooKeeperError, Perms, type Stat, type WatchEvent } from '@menagerie/zookeeper-client';
import { UsageError } from '../errors.js';

const hex = (value: bigint): string => `0x${BigInt.asUintN(64, value).toString(16)}`;

/** `Sat Nov 28 02:48:44 UTC 2026`, as Java's Date prints itself. */
export function javaDate(ms: number | bigint): string {
  const [, day, date, month, year, time] = /^(\w+), (\d+) (\w+) (\d+) ([\d:]+)/.exec(
    new Date(Number(ms)).toUTCString(),
  )!;
  return `${day} ${month} ${date} ${time} UTC ${year}`;
}

export function statLines(stat: Stat): string[] {
  return [
    `cZxid = ${hex(stat.czxid)}`,
    `ctime = ${javaDate(stat.ctime)}`,
    `mZxid = ${hex(stat.mzxid)}`,
    `mtime = ${javaDate(stat.mtime)}`,
    `pZxid = ${hex(stat.pzxid)}`,
    `cversion = ${stat.cversion}`,
    `dataVersion = ${stat.version}`,
    `aclVersion = ${stat.aversion}`,
    `ephemeralOwner = ${hex(stat.ephemeralOwner)}`,
    `dataLength = ${stat.dataLength}`,
    `numChildren = ${stat.numChildren}`,
  ];
}

const PERMS: readonly (readonly [letter: string, bit: number])[] = [
  ['c', Perms.CREATE],
  ['d', Perms.DELETE],
  ['r', Perms.READ],
  ['w', Perms.WRITE],
  ['a', Perms.ADMIN],
];

export function aclLines(acl: readonly Acl[]): string[] {
  return acl.flatMap(({ perms, id }) => {
    const letters = PERMS.filter(([, bit]) => (perms & bit) !== 0).map(([letter]) => letter);
    return [`'${id.scheme},'${id.id}`, `: ${letters.join('')}`];
  });
}

/**
 * `scheme:id:perms,scheme:id:perms`; an id may hold colons.
 *
 * @throws UsageError
 */
export function parseAcl(text: string): Acl[] {
  return text.split(',').map((entry) => {
    const [, scheme, id, letters] = /^([^:]+):(.*):([crwda]*)$/.exec(entry) ?? [];
    if (scheme === undefined) {
      throw new UsageError(`expected scheme:id:perms with perms of cdrwa, found ${JSON.stringify(entry)}`);
    }
    const perms = PERMS.filter(([letter]) => letters!.includes(letter)).reduce((bits, [, bit]) => bits | bit, 0);
    return { perms, id: { scheme, id: id! } };
  });
}

const EVENT_TYPES: Readonly<Record<WatchEvent['type'], string>> = {
  created: 'NodeCreated',
  deleted: 'NodeDeleted',
  'data-changed': 'NodeDataChanged',
  'children-changed': 'NodeChildrenChanged',
  'session-lost': 'None',
};

export function eventLines({ type, path }: WatchEvent): string[] {
  const state = type === 'session-lost' ? 'Expired' : 'SyncConnected';
  return ['', 'WATCHER::', '', `WatchedEvent state:${state} type:${EVENT_TYPES[type]} path:${path}`];
}

const SAID: Readonly<Record<string, string>> = {
  ZK_NO_NODE: 'Node does not exist: ',
  ZK_NODE_EXISTS: 'Node already exists: ',
  ZK_NOT_EMPTY: 'Node not empty: ',
  ZK_NO_AUTH: 'Insufficient permission : ',
  ZK_BAD_VERSION: 'version No is not valid : ',
  ZK_INVALID_ACL: 'Acl is not valid : ',
  ZK_NO_CHILDREN_FOR_EPHEMERALS: 'Ephemerals cannot have children: ',
  ZK_QUOTA_EXCEEDED: 'Quota has exceeded : ',
};

/** zkCli's words for what a server refuses; our own for everything else. */
export function errorLine(error: unknown): string {
  if (!isZooKeeperError(error)) return error instanceof Error ? error.message : String(error);
  const said = SAID[error.code];
  return said === undefined ? error.message : `${said}${error.path ?? ''}`;
}
