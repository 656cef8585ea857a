/** Commands about nodes. Source: cli/CreateCommand.java and its neighbours. */
import { CreateMode, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { UsageError } from '../../errors.js';
import { parseAcl, statLines } from '../print.js';
import type { ShellCommand } from '../shell-command.js';
import type { ShellSession } from '../shell-session.js';
import { type Flags, wholeNumber } from '../words.js';

const lines = (session: ShellSession, texts: readonly string[]): void =>
  texts.forEach((text) => session.output.line(text));
const version = (flags: Flags): number => wholeNumber(flags.value('v') ?? '-1', 'a version');
const watch = (session: ShellSession, flags: Flags) => (flags.has('w') ? { watch: session.watcher } : {});

/** Deletions that may be on their way at once. */
const BATCH = 1000;

function createMode(flags: Flags): CreateMode {
  const sequential = flags.has('s');
  if (flags.has('c')) {
    if (sequential || flags.has('e') || flags.has('t'))
      throw new UsageError('-c cannot be combined with -s, -e or -t.');
    return CreateMode.container;
  }
  if (flags.has('t')) {
    if (flags.has('e')) throw new UsageError('TTLs cannot be used with Ephemeral or Container znodes');
    return sequential ? CreateMode.persistentSequentialWithTtl : CreateMode.persistentWithTtl;
  }
  if (flags.has('e')) return sequential ? CreateMode.ephemeralSequential : CreateMode.ephemeral;
  return sequential ? CreateMode.persistentSequential : CreateMode.persistent;
}

/** Children first. */
async function subtree(zk: ZooKeeperClient, path: string): Promise<string[]> {
  const found = [path];
  for (let at = 0; at < found.length; at++) {
    const parent = found[at]!;
    const { children } = await zk.getChildren(parent).catch((error: unknown) => {
      if (isNoNode(error) && at > 0) return { children: [] };
      throw error;
    });
    for (const child of children) found.push(parent === '/' ? `/${child}` : `${parent}/${child}`);
  }
  return found.reverse();
}

export const nodeCommands: readonly ShellCommand[] = [
  {
    name: 'create',
    usage: '[-s] [-e] [-c] [-t ttl] path [data] [acl]',
    options: { s: false, e: false, c: false, t: true },
    words: [1, 3],
    run: async (session, flags) => {
      const [path, data, acl] = flags.rest as [string, string?, string?];
      const ttl = flags.value('t');
      const { path: made } = await session.zk.create(path, data ?? '', {
        mode: createMode(flags),
        ...(ttl === null ? {} : { ttlMs: wholeNumber(ttl, 'a TTL in milliseconds') }),
        ...(acl === undefined ? {} : { acl: parseAcl(acl) }),
      });
      session.output.line(`Created ${made}`);
    },
  },
  {
    name: 'get',
    usage: '[-s] [-w] path',
    options: { s: false, w: false },
    words: [1, 1],
    run: async (session, flags) => {
      const { data, stat } = await session.zk.getData(flags.rest[0]!, watch(session, flags));
      session.output.line(data.length === 0 ? 'null' : data.toString('utf8'));
      if (flags.has('s')) lines(session, statLines(stat));
    },
  },
  {
    name: 'set',
    usage: '[-s] [-v version] path data',
    options: { s: false, v: true },
    words: [2, 2],
    run: async (session, flags) => {
      const [path, data] = flags.rest as [string, string];
      const stat = await session.zk.setData(path, data, { version: version(flags) });
      if (flags.has('s')) lines(session, statLines(stat));
    },
  },
  {
    name: 'stat',
    usage: '[-w] path',
    options: { w: false },
    words: [1, 1],
    run: async (session, flags) => {
      const stat = await session.zk.exists(flags.rest[0]!, watch(session, flags));
      lines(session, stat === null ? [`Node does not exist: ${flags.rest[0]!}`] : statLines(stat));
    },
  },
  {
    name: 'ls',
    usage: '[-s] [-w] [-R] path',
    options: { s: false, w: false, R: false },
    words: [1, 1],
    run: async (session, flags) => {
      const [path] = flags.rest as [string];
      if (flags.has('R')) return lines(session, (await subtree(session.zk, path)).sort());
      const { children, stat } = await session.zk.getChildren(path, watch(session, flags));
      session.output.line(`[${[...children].sort().join(', ')}]`);
      if (flags.has('s')) lines(session, statLines(stat));
    },
  },
  {
    name: 'delete',
    usage: '[-v version] path',
    options: { v: true },
    words: [1, 1],
    run: (session, flags) => session.zk.delete(flags.rest[0]!, { version: version(flags) }),
  },
  {
    name: 'deleteall',
    usage: 'path [-b batch size]',
    options: { b: true },
    words: [1, 1],
    run: async (session, flags) => {
      const batch = wholeNumber(flags.value('b') ?? String(BATCH), 'a batch size');
      if (batch < 1) throw new UsageError(`expected a batch size of 1 or more, found ${batch}`);
      const paths = await subtree(session.zk, flags.rest[0]!);
      for (let at = 0; at < paths.length; at += batch) {
        // A session's requests are done in order: children go before their parents.
        await Promise.all(paths.slice(at, at + batch).map((path) => session.zk.delete(path)));
      }
    },
  },
  {
    name: 'getAllChildrenNumber',
    usage: 'path',
    options: {},
    words: [1, 1],
    run: async (session, flags) => session.output.line(String(await session.zk.getAllChildrenNumber(flags.rest[0]!))),
  },
  {
    name: 'getEphemerals',
    usage: 'path',
    options: {},
    words: [0, 1],
    run: async (session, flags) => {
      const paths = await session.zk.getEphemerals(flags.rest[0] ?? '/');
      session.output.line(`[${[...paths].sort().join(', ')}]`);
    },
  },
  {
    name: 'sync',
    usage: 'path',
    options: {},
    words: [1, 1],
    run: async (session, flags) => {
      await session.zk.sync(flags.rest[0]!);
      session.output.line('Sync is OK');
    },
  },
];
