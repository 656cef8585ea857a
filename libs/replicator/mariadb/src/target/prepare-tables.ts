/** The target's tables: made after the source's where they are missing, and like them where they are there. */
import { type DatabasePlace, differences, ReplicatorError, type Table } from '@menagerie/replicator-core';
import { escapeId } from 'mysql2';
import type { Connection } from 'mysql2/promise';
import { sourceError, targetError } from '../mysql-errors.js';
import { readTables } from '../source/read-tables.js';

/**
 * @throws ReplicatorError `REPLICATOR_TARGET_UNSUITABLE`
 * @returns the target's tables by name
 */
export async function checkTarget(
  target: Connection,
  place: DatabasePlace,
  tables: readonly Table[],
): Promise<ReadonlyMap<string, Table>> {
  try {
    const [rows] = await target.query('SELECT @@global.read_only AS read_only');
    const problems =
      Number((rows as { read_only: string }[])[0]?.read_only) === 0
        ? []
        : ['expected read_only=OFF: SET GLOBAL read_only = OFF'];
    const there = new Map(
      (
        await readTables(
          target,
          place.database,
          tables.map(({ name }) => name),
        )
      ).map((table) => [table.name, table]),
    );
    for (const table of tables) {
      const other = there.get(table.name);
      if (other !== undefined) problems.push(...differences(table, other));
    }
    if (problems.length === 0) return there;
    throw new ReplicatorError(
      'REPLICATOR_TARGET_UNSUITABLE',
      `target ${place.host}:${place.port}: ${problems.join('; ')}`,
    );
  } catch (error) {
    throw targetError(error);
  }
}

/** Makes those that are missing. Definitions are no transaction: of two cores that do it, one finds it done. */
export async function createMissing(
  source: Connection,
  target: Connection,
  tables: readonly Table[],
  there: ReadonlyMap<string, Table>,
): Promise<void> {
  for (const { name } of tables) {
    if (there.has(name)) continue;
    const definition = await definitionOf(source, name);
    try {
      await target.query(definition);
    } catch (error) {
      throw targetError(error);
    }
  }
}

async function definitionOf(source: Connection, name: string): Promise<string> {
  try {
    const [rows] = await source.query(`SHOW CREATE TABLE ${escapeId(name)}`);
    const definition = (rows as Record<string, string>[])[0]?.['Create Table'] ?? '';
    // Rows come in the order of the binlog, not in that of references between tables.
    const lines = definition.split('\n').filter((line) => !/^\s*CONSTRAINT .* FOREIGN KEY /.test(line));
    return lines
      .join('\n')
      .replace(/,\n\)/, '\n)')
      .replace(/^CREATE TABLE /, 'CREATE TABLE IF NOT EXISTS ');
  } catch (error) {
    throw sourceError(error);
  }
}
