/** `GET <commandURL>/<name>`: the same knowledge as the four-letter words, as JSON. Source: admin/Commands.java. */
import { type AdminCommand, answerFields, type Fields, NOT_SERVING } from './admin-command.js';
import {
  configuration,
  connections,
  dump,
  leader,
  observers,
  serverStats,
  systemProperties,
  votingView,
  zabState,
} from './admin-fields.js';
import { environmentEntries } from './environment.js';
import { javaHex } from './java-text.js';
import type { Json } from './json.js';
import { flatten, monitor } from './monitor.js';
import type { ServerView } from './server-view.js';

const command = (
  names: AdminCommand['names'],
  run: AdminCommand['run'],
  needsServing: 'always' | 'serving' = 'serving',
): AdminCommand => ({ names, needsServing: needsServing === 'serving', run });

export const ADMIN_COMMANDS: readonly AdminCommand[] = [
  command(['configuration', 'conf', 'config'], configuration),
  command(['connection_stat_reset', 'crst'], (view) => {
    view.stats.resetConnections();
    return {};
  }),
  command(['connections', 'cons'], (view) => connections(view, 'full')),
  command(['dirs'], (view) => ({
    datadir_size: view.sizeOf(view.snapshotDirectory),
    logdir_size: view.sizeOf(view.logDirectory),
  })),
  command(['dump'], dump),
  command(['environment', 'env', 'envi'], () => Object.fromEntries(environmentEntries()), 'always'),
  command(['get_trace_mask', 'gtmk'], (view) => ({ tracemask: view.traceMask }), 'always'),
  command(['hash'], (view) => ({
    digests: view.digests.map(({ zxid, digest }) => ({ zxid: javaHex(zxid), digest: javaHex(digest) })),
  })),
  command(['initial_configuration', 'icfg'], (view) => ({ initial_configuration: view.config.text })),
  command(['is_read_only', 'isro'], (view) => ({ read_only: view.mode === 'read-only' })),
  command(['last_snapshot', 'lsnp'], (view) => {
    const stats = view.storage?.stats;
    const at = stats?.lastSnapshotAtMs ?? null;
    return { zxid: javaHex(stats?.lastSnapshotZxid ?? -1n), timestamp: at === null ? -1 : Math.floor(at / 1000) };
  }),
  command(['leader', 'lead'], leader),
  command(['monitor', 'mntr'], (view) => Object.fromEntries(monitor(view).flatMap(flatten).map(asNumber)), 'always'),
  command(['observer_connection_stat_reset', 'orst'], () => ({})),
  command(['observers', 'obsr'], observers),
  command(['ruok'], () => ({})),
  command(['server_stats', 'srvr'], serverStats),
  command(['set_trace_mask', 'stmk'], setTraceMask, 'always'),
  command(['stat_reset', 'srst'], (view) => {
    view.resetStats();
    return {};
  }),
  command(['stats', 'stat'], (view) => ({ ...serverStats(view), ...connections(view, 'brief') })),
  command(['system_properties', 'sysp'], systemProperties, 'always'),
  command(['voting_view'], (view) => ({ current_config: votingView(view) })),
  command(['watch_summary', 'wchs'], (view) => {
    const { connections: count, paths, watches } = view.stats.watchSummary();
    return { num_connections: count, num_paths: paths, num_total_watches: watches };
  }),
  command(['watches', 'wchc'], (view) => ({
    session_id_to_watched_paths: Object.fromEntries(
      Array.from(view.stats.watchesBySession(), ([id, paths]) => [String(id), [...paths]]),
    ),
  })),
  command(['watches_by_path', 'wchp'], (view) => ({
    path_to_session_ids: Object.fromEntries(view.stats.watchesByPath()),
  })),
  command(['zabstate'], zabState, 'always'),
];

const byName = new Map(ADMIN_COMMANDS.flatMap((one) => one.names.map((name) => [name, one] as const)));

export function runAdminCommand(view: ServerView, name: string, query: URLSearchParams): Fields {
  const found = byName.get(name);
  if (found === undefined) return answerFields(name, { error: `Unknown command: ${name}` });
  if (found.needsServing && view.mode === null) return answerFields(name, { error: NOT_SERVING });
  return answerFields(found.names[0], found.run(view, query));
}

const MAX_LONG = 2n ** 63n - 1n;

function setTraceMask(view: ServerView, query: URLSearchParams): Fields {
  const text = query.get('traceMask');
  if (text === null) return { error: 'setTraceMask requires long traceMask argument' };
  const mask = /^[+-]?\d{1,19}$/.test(text) ? BigInt(text.replace('+', '')) : null;
  if (mask === null || mask > MAX_LONG || mask < -MAX_LONG - 1n) {
    return { error: `setTraceMask requires long traceMask argument, got ${text}` };
  }
  view.traceMask = mask;
  return { tracemask: mask };
}

function asNumber([key, value]: [string, string]): [string, Json] {
  return [key, /^-?\d+(\.\d+)?$/.test(value) && key !== 'version' ? Number(value) : value];
}
