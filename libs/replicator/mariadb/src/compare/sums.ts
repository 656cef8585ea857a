/** The sum of a table: over all rows, whatever their order; equal on both sides exactly when the rows are, for all practical purposes. */
import type { Table, TableSum } from '@menagerie/replicator-core';
import { escapeId } from 'mysql2';
import type { Connection } from 'mysql2/promise';

/** The connections must be set up alike (`connectSource`, `connectTarget`): times are summed as text. */
export async function sumTable(connection: Connection, { name, columns }: Table): Promise<TableSum> {
  const parts = columns.map(({ name: column, type }) => {
    const value = /^float/i.test(type) ? `CAST(${escapeId(column)} AS DOUBLE)` : escapeId(column);
    return `COALESCE(HEX(CONVERT(${value}, CHAR)), '-')`;
  });
  // Bytes are no text in any character set: they are taken as they are.
  const texts = parts.map((text, at) =>
    /blob|binary/i.test(columns[at]?.type ?? '') ? `COALESCE(HEX(${escapeId(columns[at]?.name ?? '')}), '-')` : text,
  );
  const digest = `MD5(CONCAT_WS(',', ${texts.join(', ')}))`;
  const half = (from: number) =>
    `LPAD(HEX(BIT_XOR(CAST(CONV(SUBSTR(${digest}, ${from}, 16), 16, 10) AS UNSIGNED))), 16, '0')`;
  const [rows] = await connection.query(
    `SELECT COUNT(*) AS row_count, CONCAT(${half(1)}, ${half(17)}) AS sum FROM ${escapeId(name)}`,
  );
  const [row] = rows as { row_count: number | string; sum: string | null }[];
  return { table: name, rows: Number(row?.row_count ?? 0), sum: row?.sum ?? '' };
}
