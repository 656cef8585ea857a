/**
 * The znodes of replication, after "From Paxos to ZooKeeper", section 6.1.4.
 *
 *   /mysql_replicator/tasks/<task>                        persistent: what is copied; written by the server
 *   /mysql_replicator/tasks/<task>/instances              persistent
 *   /mysql_replicator/tasks/<task>/instances/<host>-<seq> ephemeral, sequential: a core; the smallest is RUNNING
 *   /mysql_replicator/tasks/<task>/lastCommit             persistent: how far; written by the RUNNING core only
 *   /mysql_replicator/task_groups/<group>/<task>/...      the same for tasks that a group of cores scans (cold standby)
 */
import { ReplicatorError } from '../errors.js';

const ROOT = '/mysql_replicator';
/** Names stand in paths of znodes, of URLs, and in the position table. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Names a task: those of the hot kind have no group. */
export interface TaskRef {
  readonly group: string | null;
  readonly name: string;
}

export const replicatorPaths = {
  root: ROOT,
  tasks: `${ROOT}/tasks`,
  groups: `${ROOT}/task_groups`,
  group: (group: string) => `${ROOT}/task_groups/${group}`,
  task: ({ group, name }: TaskRef) =>
    group === null ? `${ROOT}/tasks/${name}` : `${ROOT}/task_groups/${group}/${name}`,
  instances: (ref: TaskRef) => `${replicatorPaths.task(ref)}/instances`,
  instance: (ref: TaskRef, instance: string) => `${replicatorPaths.instances(ref)}/${instance}`,
  lastCommit: (ref: TaskRef) => `${replicatorPaths.task(ref)}/lastCommit`,
} as const;

/** `name`, or `group/name`: what people type, and the key in the target's position table. */
export const taskKey = ({ group, name }: TaskRef): string => (group === null ? name : `${group}/${name}`);

/** @throws ReplicatorError `REPLICATOR_BAD_REQUEST` */
export function parseTaskKey(text: string): TaskRef {
  const parts = text.split('/');
  if (parts.length > 2) throw badName(text, 'TASK or GROUP/TASK');
  const [first = '', second] = parts;
  return second === undefined
    ? { group: null, name: checkName(first, 'a task') }
    : { group: checkName(first, 'a group'), name: checkName(second, 'a task') };
}

export const isName = (text: string): boolean => NAME.test(text);

/** @returns the name itself. @throws ReplicatorError `REPLICATOR_BAD_REQUEST` unless it can stand in a path */
export function checkName(text: string, what: string): string {
  if (isName(text)) return text;
  throw badName(text, `${what} of letters, digits, dots, dashes and underscores (at most 64)`);
}

function badName(text: string, expected: string): ReplicatorError {
  return new ReplicatorError(
    'REPLICATOR_BAD_REQUEST',
    `expected ${expected}, got ${JSON.stringify(text.slice(0, 100))}`,
  );
}
