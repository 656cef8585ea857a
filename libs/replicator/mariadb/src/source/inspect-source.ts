/** Whether a server can be replicated from, and what to change where it can not. Asked before a task is taken, and before each run. */
import { type DatabasePlace, ReplicatorError, type Table, unsuitable } from '@menagerie/replicator-core';
import type { Connection } from 'mysql2/promise';
import { sourceError } from '../mysql-errors.js';
import { readTables } from './read-tables.js';

/** Variables, and the value each must have. */
const REQUIRED: Readonly<Record<string, string>> = {
  binlog_format: 'ROW',
  binlog_row_image: 'FULL',
  // Without names in the events, those of before a dropped column could not be told apart.
  binlog_row_metadata: 'FULL',
};
const OLDEST = [10, 5];

/**
 * @returns the tables, in the order of the task
 * @throws ReplicatorError `REPLICATOR_SOURCE_UNSUITABLE` with everything that has to be changed
 */
export async function inspectSource(
  connection: Connection,
  place: DatabasePlace,
  tables: readonly string[],
): Promise<readonly Table[]> {
  try {
    const problems = [...(await settingsOf(connection)), ...(await grantsOf(connection, place))];
    const found = await readTables(connection, place.database, tables);
    const names = new Set(found.map(({ name }) => name));
    for (const name of tables) {
      if (!names.has(name)) problems.push(`${place.database}.${name}: no such table, or no SELECT on it`);
    }
    problems.push(...found.flatMap(unsuitable));
    if (problems.length === 0) return found;
    throw new ReplicatorError(
      'REPLICATOR_SOURCE_UNSUITABLE',
      `source ${place.host}:${place.port}: ${problems.join('; ')}`,
    );
  } catch (error) {
    throw sourceError(error);
  }
}

async function settingsOf(connection: Connection): Promise<string[]> {
  const [versions] = await connection.query('SELECT VERSION() AS version, @@log_bin AS log_bin');
  const { version, log_bin: logBin } = (versions as { version: string; log_bin: string }[])[0] as {
    version: string;
    log_bin: string;
  };
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (!/mariadb/i.test(version) || major < 10 || (major === 10 && minor < (OLDEST[1] as number))) {
    return [`expected MariaDB ${OLDEST.join('.')} or later, found ${version}`];
  }
  const problems: string[] = [];
  if (Number(logBin) !== 1) problems.push('expected a binlog, found none: start it with log-bin and a server-id');
  const [rows] = await connection.query('SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)', [Object.keys(REQUIRED)]);
  const values = new Map(
    (rows as { Variable_name: string; Value: string }[]).map((row) => [row.Variable_name, row.Value]),
  );
  for (const [name, expected] of Object.entries(REQUIRED)) {
    const value = values.get(name) ?? 'nothing';
    if (value !== expected)
      problems.push(
        `expected ${name}=${expected}, found ${value}: SET GLOBAL ${name} = '${expected}', and in its configuration`,
      );
  }
  return problems;
}

async function grantsOf(connection: Connection, { user }: DatabasePlace): Promise<string[]> {
  const [rows] = await connection.query('SHOW GRANTS');
  const grants = (rows as Record<string, string>[])
    .flatMap((row) => Object.values(row))
    .filter((text) => / ON \*\.\* TO /i.test(text));
  const has = (privilege: string): boolean =>
    grants.some((text) => new RegExp(`ALL PRIVILEGES|${privilege}`, 'i').test(text));
  return [
    ...(has('REPLICATION SLAVE') ? [] : [`${user}: GRANT REPLICATION SLAVE ON *.* TO it`]),
    ...(has('BINLOG MONITOR|REPLICATION CLIENT') ? [] : [`${user}: GRANT BINLOG MONITOR ON *.* TO it`]),
  ];
}
