/**
 * The znodes of log collection.
 *
 *   /logs/collector/<host>          persistent: the list of sources given to it. It must outlive the collector's session,
 *                                   or nobody would know what to move when it dies.
 *   /logs/collector/<host>/status   persistent: progress and load. Its time of change is the collector's sign of life.
 *   /logs/sources/<source>          persistent: where a source is served
 *   /logs/offsets/<source>          persistent: how far it is collected, and by whom
 *   /logs/allocator/leader          ephemeral: who allocates
 *   /logs/allocator/settings        persistent: policy and periods
 *   /logs/allocator/history/h-...   persistent, sequential: what the lists were, change by change
 */
import { LogsError } from '../errors.js';

const ROOT = '/logs';
/** Names stand in paths of znodes, of URLs and of the sink's folders. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

export const logsPaths = {
  root: ROOT,
  collectors: `${ROOT}/collector`,
  collector: (host: string) => `${ROOT}/collector/${host}`,
  status: (host: string) => `${ROOT}/collector/${host}/status`,
  sources: `${ROOT}/sources`,
  source: (name: string) => `${ROOT}/sources/${name}`,
  offsets: `${ROOT}/offsets`,
  offset: (name: string) => `${ROOT}/offsets/${name}`,
  allocator: `${ROOT}/allocator`,
  leader: `${ROOT}/allocator/leader`,
  settings: `${ROOT}/allocator/settings`,
  history: `${ROOT}/allocator/history`,
} as const;

export const isName = (text: string): boolean => NAME.test(text);

/** @returns the name itself. @throws LogsError `LOGS_BAD_REQUEST` unless it can stand in a path */
export function checkName(text: string, what: string): string {
  if (isName(text)) return text;
  const expected = `expected ${what} of letters, digits, dots, dashes and underscores (at most 100)`;
  throw new LogsError('LOGS_BAD_REQUEST', `${expected}, got ${JSON.stringify(text.slice(0, 120))}`, false);
}
