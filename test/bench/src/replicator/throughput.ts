/** How fast what is in the binlog already is applied: nobody waits for the source. */
import { arrived, type Pair } from './pair.js';

const ROWS_PER_TRANSACTION = 10_000;
const WRITERS = 8;

/** @returns rows a second */
export async function measureSingles(pair: Pair, count: number): Promise<number> {
  const each = Math.ceil(count / WRITERS);
  const write = async (writer: number) => {
    for (let n = 0; n < each; n += 1) {
      await pair.source.query(
        "INSERT INTO bench (id, price, name) VALUES (?, 12.5, 'a row of its own, in a transaction')",
        [writer * each + n],
      );
    }
  };
  await pair.source.query('SET GLOBAL innodb_flush_log_at_trx_commit = 0').catch(() => undefined);
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  return (each * WRITERS * 1_000) / (await timed(pair, 'TRUE', each * WRITERS));
}

/** @returns rows a second by kind */
export async function measureBulk(pair: Pair, count: number): Promise<ReadonlyMap<string, number>> {
  const figures = new Map<string, number>();
  const run = async (kind: string, sql: (from: number, to: number) => string, where: string, expected: number) => {
    for (let from = 0; from < count; from += ROWS_PER_TRANSACTION) {
      await pair.source.query(sql(from, Math.min(count, from + ROWS_PER_TRANSACTION) - 1));
    }
    figures.set(kind, (count * 1_000) / (await timed(pair, where, expected)));
    await pair.halt();
  };
  await run(
    'inserts',
    (from, to) =>
      `INSERT INTO bench (id, price, name) SELECT seq, seq / 7, CONCAT('row number ', seq) FROM seq_${from}_to_${to}`,
    'TRUE',
    count,
  );
  await run(
    'updates',
    (from, to) => `UPDATE bench SET price = price + 1, at = 1 WHERE id BETWEEN ${from} AND ${to}`,
    'at = 1',
    count,
  );
  await run('deletes', (from, to) => `DELETE FROM bench WHERE id BETWEEN ${from} AND ${to}`, 'TRUE', 0);
  return figures;
}

/** Lets it go, and waits until all has arrived. @returns milliseconds */
async function timed(pair: Pair, where: string, expected: number): Promise<number> {
  const beganMs = performance.now();
  await pair.go();
  await arrived(pair, where, expected);
  return performance.now() - beganMs;
}
