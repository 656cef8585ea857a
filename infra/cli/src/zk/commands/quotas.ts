/** Quotas: nodes under /zookeeper/quota with a text in them. Source: cli/SetQuotaCommand.java, Quotas.java, StatsTrack.java. */
import { isNoNode, isNodeExists, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { UsageError } from '../../errors.js';
import type { ShellCommand } from '../shell-command.js';
import { type Flags, wholeNumber } from '../words.js';

const ROOT = '/zookeeper/quota';

interface Quota {
  count: number;
  bytes: number;
  countHardLimit: number;
  byteHardLimit: number;
}

const FIELDS: Readonly<Record<string, keyof Quota>> = {
  n: 'count',
  b: 'bytes',
  N: 'countHardLimit',
  B: 'byteHardLimit',
};
const NONE: Quota = { count: -1, bytes: -1, countHardLimit: -1, byteHardLimit: -1 };

const directory = (path: string): string => (path === '/' ? ROOT : `${ROOT}${path}`);
const limitsOf = (path: string): string => `${directory(path)}/zookeeper_limits`;
const statsOf = (path: string): string => `${directory(path)}/zookeeper_stats`;

export function formatQuota({ count, bytes, countHardLimit, byteHardLimit }: Quota): string {
  const hard = [
    ...(byteHardLimit > -1 ? [`byteHardLimit=${byteHardLimit}`] : []),
    ...(countHardLimit > -1 ? [`countHardLimit=${countHardLimit}`] : []),
  ];
  // The odd separator stops parsers that do not know hard limits.
  return `count=${count},bytes=${bytes}${hard.length === 0 ? '' : `=;${hard.join(';')}`}`;
}

export function parseQuota(text: string): Quota {
  const quota = { ...NONE };
  for (const [, name, value] of text.matchAll(/(\w+)=(-?\d+)/g)) {
    if (name! in quota) quota[name as keyof Quota] = Number(value);
  }
  return quota;
}

async function read(zk: ZooKeeperClient, path: string): Promise<Quota | null> {
  try {
    return parseQuota((await zk.getData(limitsOf(path))).data.toString());
  } catch (error) {
    if (isNoNode(error)) return null;
    throw error;
  }
}

function chosen(flags: Flags): (keyof Quota)[] {
  return Object.keys(FIELDS)
    .filter((flag) => flags.has(flag))
    .map((flag) => FIELDS[flag]!);
}

async function createIfMissing(zk: ZooKeeperClient, path: string, data: string): Promise<void> {
  await zk.create(path, data).catch((error: unknown) => {
    if (!isNodeExists(error)) throw error;
  });
}

export const quotaCommands: readonly ShellCommand[] = [
  {
    name: 'setquota',
    usage: '-n|-b|-N|-B val path',
    options: { n: true, b: true, N: true, B: true },
    words: [1, 1],
    run: async (session, flags) => {
      const { zk } = session;
      const [path] = flags.rest as [string];
      if (path === '/zookeeper' || path.startsWith('/zookeeper/')) {
        throw new UsageError('cannot set a quota under /zookeeper');
      }
      if (chosen(flags).length === 0) throw new UsageError('expected a limit: -n, -b, -N or -B');
      if ((await zk.exists(path)) === null) throw new UsageError(`Node does not exist: ${path}`);
      const quota = (await read(zk, path)) ?? { ...NONE };
      for (const [flag, field] of Object.entries(FIELDS)) {
        const value = flags.value(flag);
        if (value !== null) quota[field] = wholeNumber(value, 'a limit');
      }
      await zk.mkdirp(directory(path));
      const text = formatQuota(quota);
      if ((await zk.exists(limitsOf(path))) === null) {
        await createIfMissing(zk, limitsOf(path), text);
        await createIfMissing(zk, statsOf(path), formatQuota({ ...NONE, count: 0, bytes: 0 }));
      } else await zk.setData(limitsOf(path), text);
    },
  },
  {
    name: 'listquota',
    usage: 'path',
    options: {},
    words: [1, 1],
    run: async (session, flags) => {
      const [path] = flags.rest as [string];
      session.output.line(`absolute path is ${limitsOf(path)}`);
      const quota = await read(session.zk, path);
      if (quota === null) return session.output.line(`quota for ${path} does not exist.`);
      const { data } = await session.zk.getData(statsOf(path));
      session.output.line(`Output quota for ${path} ${formatQuota(quota)}`);
      session.output.line(`Output stat for ${path} ${data.toString()}`);
    },
  },
  {
    name: 'delquota',
    usage: '[-n|-b|-N|-B] path',
    options: { n: false, b: false, N: false, B: false },
    words: [1, 1],
    run: async (session, flags) => {
      const { zk } = session;
      const [path] = flags.rest as [string];
      const quota = await read(zk, path);
      if (quota === null) throw new UsageError(`quota for ${path} does not exist.`);
      const fields = chosen(flags);
      if (fields.length > 0) {
        for (const field of fields) quota[field] = -1;
        await zk.setData(limitsOf(path), formatQuota(quota));
        return;
      }
      await zk.delete(limitsOf(path));
      await zk.delete(statsOf(path));
      for (let at = directory(path); at !== ROOT; at = at.slice(0, at.lastIndexOf('/'))) {
        if ((await zk.getChildren(at)).children.length > 0) return;
        await zk.delete(at);
      }
    },
  },
];
