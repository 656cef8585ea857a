/** The definitions of tables, as the server knows them now. */
import type { Table } from '@menagerie/replicator-core';
import type { Connection } from 'mysql2/promise';

interface ColumnRow {
  readonly table_name: string;
  readonly column_name: string;
  readonly column_type: string;
  readonly generation_expression: string | null;
  readonly extra: string;
}

/** @returns those that are there, in the order of the names asked for */
export async function readTables(
  connection: Connection,
  database: string,
  names: readonly string[],
): Promise<readonly Table[]> {
  if (names.length === 0) return [];
  const which = [database, names];
  const [engines] = await connection.query(
    `SELECT TABLE_NAME AS table_name, ENGINE AS engine FROM information_schema.TABLES
     WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (?)`,
    which,
  );
  const [columns] = await connection.query(
    `SELECT TABLE_NAME AS table_name, COLUMN_NAME AS column_name, COLUMN_TYPE AS column_type,
       GENERATION_EXPRESSION AS generation_expression, EXTRA AS extra
     FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (?) ORDER BY TABLE_NAME, ORDINAL_POSITION`,
    which,
  );
  const [keys] = await connection.query(
    `SELECT TABLE_NAME AS table_name, COLUMN_NAME AS column_name FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = ? AND TABLE_NAME IN (?) AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX`,
    which,
  );
  const engineOf = new Map(
    (engines as { table_name: string; engine: string | null }[]).map((row) => [row.table_name, row.engine]),
  );
  return names.flatMap((name) => {
    const engine = engineOf.get(name);
    if (engine === undefined) return [];
    const own = <T extends { table_name: string }>(rows: unknown): T[] =>
      (rows as T[]).filter((row) => row.table_name === name);
    return [
      {
        name,
        engine: engine ?? 'no engine (a view)',
        columns: own<ColumnRow>(columns).map((row) => ({
          name: row.column_name,
          type: row.column_type,
          isGenerated: (row.generation_expression ?? '') !== '' || /GENERATED/i.test(row.extra),
        })),
        primaryKey: own<ColumnRow>(keys).map((row) => row.column_name),
      },
    ];
  });
}
