/** What the two servers answer, in the words of replication: what can be waited for, and what somebody has to change. */
import { isReplicatorError, ReplicatorError, type ReplicatorErrorCode } from '@menagerie/replicator-core';

interface MysqlError {
  readonly errno: number;
  readonly message: string;
}

const DENIED = new Set([1044, 1045, 1142, 1143, 1227, 1698]);
/** Server gone, connection killed, query interrupted, too many connections, shutdown. */
const UNAVAILABLE = new Set([1040, 1053, 1077, 1080, 1152, 1158, 1159, 1160, 1161, 1184, 1317, 1927, 1203]);
const LOCKED = new Set([1205, 1213]);
const READ_ONLY = new Set([1290, 1792, 1836]);
const NO_SUCH = new Set([1049, 1054, 1109, 1136, 1146, 1264, 1265, 1292, 1366, 1406, 1364, 1048]);
const DUPLICATE = 1062;
const PACKET_TOO_LARGE = 1153;
const BINLOG = 1236;
/** MariaDB's; mysql2 knows it by the name of a MySQL error. */
const SAME_SERVER_ID = 4052;
const DISK_FULL = new Set([1021, 1114]);

function read(error: unknown): MysqlError {
  const { errno, message } = error as Partial<MysqlError>;
  return { errno: typeof errno === 'number' ? errno : 0, message: message ?? String(error) };
}

/** A connection that broke has no number of the server's, or one of the operating system's, which is negative. */
const isBroken = (errno: number): boolean => errno <= 0;

const make = (code: ReplicatorErrorCode, message: string, retryable: boolean, cause: unknown): ReplicatorError =>
  new ReplicatorError(code, message, retryable, { cause });

export function sourceError(error: unknown): ReplicatorError {
  if (isReplicatorError(error)) return error;
  const { errno, message } = read(error);
  if (isBroken(errno) || UNAVAILABLE.has(errno) || LOCKED.has(errno)) {
    return make('REPLICATOR_SOURCE_UNAVAILABLE', `source: ${message}`, true, error);
  }
  if (errno === SAME_SERVER_ID) {
    return make('REPLICATOR_SOURCE_UNAVAILABLE', 'source: another dump with our server id has begun', true, error);
  }
  if (errno === BINLOG) return binlogError(message, error);
  if (DENIED.has(errno)) return make('REPLICATOR_SOURCE_UNSUITABLE', `source: ${message}`, false, error);
  if (NO_SUCH.has(errno)) return make('REPLICATOR_SOURCE_UNSUITABLE', `source: ${message}`, false, error);
  return make('REPLICATOR_SOURCE_UNAVAILABLE', `source: ${message} (${errno})`, true, error);
}

/** One number for whatever is wrong with the binlog: the text tells. */
function binlogError(message: string, cause: unknown): ReplicatorError {
  if (/max_allowed_packet|too large/i.test(message)) {
    const advice = 'raise max_allowed_packet at the source';
    return make(
      'REPLICATOR_EVENT_TOO_LARGE',
      `source: an event is too large to be sent; ${advice}: ${message}`,
      false,
      cause,
    );
  }
  if (/not in the master's binlog|diverged|GTID.*future/i.test(message) && !/purged/i.test(message)) {
    const advice = 'the source does not know our position: was it restored or replaced? Copy the tables anew';
    return make('REPLICATOR_BAD_POSITION', `${advice} (menagerie replicator recopy): ${message}`, false, cause);
  }
  if (/purged|Could not find (first log|GTID state)|missing/i.test(message)) {
    const advice = 'the source has purged what was not read yet: copy the tables anew (menagerie replicator recopy)';
    return make('REPLICATOR_BINLOG_PURGED', `${advice}: ${message}`, false, cause);
  }
  return make('REPLICATOR_SOURCE_UNAVAILABLE', `source: ${message}`, true, cause);
}

export function targetError(error: unknown): ReplicatorError {
  if (isReplicatorError(error)) return error;
  const { errno, message } = read(error);
  if (isBroken(errno) || UNAVAILABLE.has(errno) || LOCKED.has(errno)) {
    return make('REPLICATOR_TARGET_UNAVAILABLE', `target: ${message}`, true, error);
  }
  if (DISK_FULL.has(errno)) return make('REPLICATOR_TARGET_UNAVAILABLE', `target: ${message}`, true, error);
  if (READ_ONLY.has(errno)) {
    return make('REPLICATOR_TARGET_UNSUITABLE', `target: expected one that can be written: ${message}`, false, error);
  }
  if (DENIED.has(errno)) return make('REPLICATOR_TARGET_UNSUITABLE', `target: ${message}`, false, error);
  if (errno === DUPLICATE) {
    return make('REPLICATOR_DIVERGED', `target: a row of the source is there already: ${message}`, false, error);
  }
  if (errno === PACKET_TOO_LARGE) {
    return make('REPLICATOR_EVENT_TOO_LARGE', `raise max_allowed_packet at the target: ${message}`, false, error);
  }
  if (NO_SUCH.has(errno)) return make('REPLICATOR_SCHEMA_CHANGED', `target: ${message}`, false, error);
  return make('REPLICATOR_TARGET_UNAVAILABLE', `target: ${message} (${errno})`, true, error);
}
