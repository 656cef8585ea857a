/** Commands about watches. Source: cli/AddWatchCommand.java, RemoveWatchesCommand.java. */
import type { PersistentWatch } from '@menagerie/zookeeper-client';
import { UsageError } from '../../errors.js';
import type { ShellCommand } from '../shell-command.js';
import type { ShellSession } from '../shell-session.js';

const MODES = ['PERSISTENT', 'PERSISTENT_RECURSIVE'];
const kept = new WeakMap<ShellSession, PersistentWatch[]>();

export const watchCommands: readonly ShellCommand[] = [
  {
    name: 'addWatch',
    usage:
      '[-m mode] path # optional mode is one of [PERSISTENT, PERSISTENT_RECURSIVE] - default is PERSISTENT_RECURSIVE',
    options: { m: true },
    words: [1, 1],
    run: async (session, flags) => {
      const mode = (flags.value('m') ?? 'PERSISTENT_RECURSIVE').toUpperCase();
      if (!MODES.includes(mode)) throw new UsageError(`expected ${MODES.join(' or ')}, found ${mode}`);
      const recursive = mode === 'PERSISTENT_RECURSIVE';
      const watch = await session.zk.addWatch(flags.rest[0]!, session.watcher, { recursive });
      kept.set(session, [...(kept.get(session) ?? []), watch]);
    },
  },
  {
    name: 'removewatches',
    usage: 'path',
    options: { c: false, d: false, a: false, l: false },
    words: [1, 1],
    run: async (session, flags) => {
      const [path] = flags.rest as [string];
      const watches = kept.get(session) ?? [];
      const matching = watches.filter((watch) => watch.path === path);
      if (matching.length === 0) throw new UsageError(`No watcher found for ${path}`);
      for (const watch of matching) await watch.remove();
      kept.set(
        session,
        watches.filter((watch) => watch.path !== path),
      );
    },
  },
  {
    name: 'printwatches',
    usage: 'on|off',
    options: {},
    words: [0, 1],
    run: (session, flags) => {
      const [wanted] = flags.rest;
      if (wanted !== undefined && wanted !== 'on' && wanted !== 'off') {
        throw new UsageError(`expected on or off, found ${wanted}`);
      }
      if (wanted === undefined) session.output.line(`printwatches is ${session.printsWatches ? 'on' : 'off'}`);
      else session.printsWatches = wanted === 'on';
    },
  },
];
