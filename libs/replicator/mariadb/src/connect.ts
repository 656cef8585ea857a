/** Connections to the two sides, all set up alike: what is read on one side has to mean the same on the other. */
import type { DatabasePlace } from '@menagerie/replicator-core';
import { type Connection, type ConnectionOptions, createConnection } from 'mysql2/promise';
import { sourceError, targetError } from './mysql-errors.js';

const CONNECT_TIMEOUT_MS = 3_000;
/** A zombie's lock is taken away by force; whoever else holds one for so long is a reason to try again later. */
const LOCK_WAIT_S = 10;

/** Numbers that JavaScript cannot hold, decimals, times and JSON come as text, so that they can be written back exactly. */
export const exactValues = {
  dateStrings: true,
  jsonStrings: true,
  supportBigNumbers: true,
  bigNumberStrings: true,
  timezone: 'Z',
  charset: 'utf8mb4',
} satisfies ConnectionOptions;

export const placeOptions = ({ host, port, database, user, password }: DatabasePlace): ConnectionOptions => ({
  host,
  port,
  database,
  user,
  password,
  connectTimeout: CONNECT_TIMEOUT_MS,
});

/** @throws ReplicatorError */
export async function connectSource(place: DatabasePlace): Promise<Connection> {
  try {
    const connection = await createConnection({ ...placeOptions(place), ...exactValues, rowsAsArray: false });
    quiet(connection);
    await connection.query("SET time_zone = '+00:00'");
    return connection;
  } catch (error) {
    throw sourceError(error);
  }
}

/** For writing: several statements at once, changed rows counted and not those that were found. @throws ReplicatorError */
export async function connectTarget(place: DatabasePlace): Promise<Connection> {
  try {
    const connection = await createConnection({
      ...placeOptions(place),
      ...exactValues,
      multipleStatements: true,
      flags: ['-FOUND_ROWS'],
    });
    quiet(connection);
    await connection.query(
      "SET time_zone = '+00:00', foreign_key_checks = 0, " +
        "sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', " +
        `innodb_lock_wait_timeout = ${LOCK_WAIT_S}`,
    );
    return connection;
  } catch (error) {
    throw targetError(error);
  }
}

/** What breaks between two questions is told by the next one. */
const quiet = (connection: Connection): void => void connection.on('error', () => undefined);
