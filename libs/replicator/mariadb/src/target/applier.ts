/**
 * Applies what comes out of the binlog, rows and position in one transaction. The first statement of each transaction moves
 * the position on the condition that the fence is still ours; it locks the row, so that nobody takes over between it and the
 * commit. Whoever was overtaken changes no row there, and rolls back.
 */
import { advance, formatPosition, type GtidPosition, ReplicatorError } from '@menagerie/replicator-core';
import { escape } from 'mysql2';
import type { Connection, ResultSetHeader } from 'mysql2/promise';
import { targetError } from '../mysql-errors.js';
import { type BinlogItem, type BoundaryItem, isRows } from '../source/binlog-item.js';
import { fenced, POSITION_TABLE } from './position-table.js';
import { type SqlStatement, StatementWriter } from './statements.js';

export interface ApplierOptions {
  readonly connection: Connection;
  readonly task: string;
  readonly fence: bigint;
  readonly writer: StatementWriter;
  /** What the server takes at once, in bytes. */
  readonly maxPacketBytes: number;
  /** Asked before each commit: throws when nothing may be applied any more. */
  readonly gate: () => void;
}

/** One round trip's worth of statements. */
const MAX_BATCH_CHARS = 4_000_000;

export interface Applied {
  readonly position: GtidPosition;
  readonly boundary: BoundaryItem;
  readonly rows: number;
  readonly transactions: number;
}

export class Applier {
  private isOpen = false;
  /** Of a transaction that has come in part. */
  private openRows = 0;

  constructor(
    private readonly options: ApplierOptions,
    private position: GtidPosition,
  ) {}

  /**
   * Items without statements. What ends in a boundary is committed; the rest stays in the open transaction.
   * @returns null while nothing was committed
   * @throws ReplicatorError; then the connection is to be closed, and all since the last commit comes again
   */
  async apply(items: readonly BinlogItem[]): Promise<Applied | null> {
    const boundaries = items.filter((item): item is BoundaryItem => item.kind === 'boundary');
    const boundary = boundaries.at(-1) ?? null;
    const rows = items.reduce((sum, item) => sum + (isRows(item) ? item.rows.length : 0), 0);
    let { position } = this;
    for (const { gtid } of boundaries) position = advance(position, gtid);
    const total = this.openRows + rows;
    try {
      this.options.gate();
      const statements = this.options.writer.write(items);
      if (!this.isOpen) {
        // Without rows there is nothing to guard: then the position alone moves, in a statement of its own.
        await this.run(boundary === null ? this.lock() : this.move(position, boundary, total), statements);
      } else {
        await this.run(null, statements);
        if (boundary !== null) await this.run(this.move(position, boundary, total), []);
      }
      this.isOpen = true;
      if (boundary === null) {
        this.openRows = total;
        return null;
      }
      this.options.gate();
      await this.options.connection.query('COMMIT');
    } catch (error) {
      throw targetError(error);
    }
    this.isOpen = false;
    this.openRows = 0;
    this.position = position;
    return { position, boundary, rows: total, transactions: boundaries.length };
  }

  /** Carries a change of definitions out: no transaction holds it, so it is announced first, and passed by `apply` then. */
  async define(sql: string, gtid: string, isMaybeDone: boolean): Promise<void> {
    const { connection, task, fence } = this.options;
    try {
      this.options.gate();
      const [{ affectedRows }] = await connection.query<ResultSetHeader>(
        `UPDATE ${POSITION_TABLE} SET ddl = ?, writes = writes + 1 WHERE task = ? AND fence = ?`,
        [gtid, task, fence],
      );
      if (affectedRows !== 1) throw fenced(task, fence);
      await connection.query(sql);
    } catch (error) {
      if (isMaybeDone && DONE_BEFORE.has((error as { errno?: number }).errno ?? 0)) return;
      throw targetError(error);
    }
  }

  private lock(): string {
    const { task, fence } = this.options;
    return `UPDATE ${POSITION_TABLE} SET writes = writes + 1 WHERE task = ${escape(task)} AND fence = ${fence}`;
  }

  private move(position: GtidPosition, { file, pos }: BoundaryItem, rows: number): string {
    const { task, fence } = this.options;
    return (
      `UPDATE ${POSITION_TABLE} SET gtid = ${escape(formatPosition(position))}, file = ${escape(file)}, pos = ${pos}, ` +
      `applied = applied + ${rows}, writes = writes + 1 WHERE task = ${escape(task)} AND fence = ${fence}`
    );
  }

  /** The guard, if any, then the statements, in as few round trips as their length allows. */
  private async run(guard: string | null, statements: readonly SqlStatement[]): Promise<void> {
    let texts: string[] = guard === null ? [] : this.isOpen ? [guard] : ['START TRANSACTION', guard];
    let guardAt = guard === null ? -1 : texts.length - 1;
    let batch: SqlStatement[] = [];
    let chars = 0;
    const send = async (): Promise<void> => {
      if (texts.length > 0) this.judge(await this.ask(texts.join(';')), guardAt, batch);
      [texts, batch, chars, guardAt] = [[], [], 0, -1];
    };
    for (const statement of statements) {
      if (statement.sql.length > this.options.maxPacketBytes) throw tooLarge(statement, this.options.maxPacketBytes);
      if (chars > 0 && chars + statement.sql.length > Math.min(MAX_BATCH_CHARS, this.options.maxPacketBytes / 4))
        await send();
      texts.push(statement.sql);
      batch.push(statement);
      chars += statement.sql.length;
    }
    await send();
  }

  private async ask(sql: string): Promise<readonly ResultSetHeader[]> {
    const [result] = await this.options.connection.query<ResultSetHeader[]>(sql);
    return Array.isArray(result) ? result : [result];
  }

  private judge(results: readonly ResultSetHeader[], guardAt: number, statements: readonly SqlStatement[]): void {
    const { task, fence } = this.options;
    if (guardAt >= 0 && results[guardAt]?.affectedRows !== 1) throw fenced(task, fence);
    for (const [at, statement] of statements.entries()) {
      const changed = results[guardAt + 1 + at]?.affectedRows ?? 0;
      if (changed === statement.expected || changed === statement.expected - 2 * (statement.unchanged?.() ?? 0))
        continue;
      const message =
        `${statement.table}: expected ${statement.rows} rows to be changed (a count of ${statement.expected}), got ${changed}: ` +
        'somebody else writes to the target. Copy the tables anew: menagerie replicator recopy';
      throw new ReplicatorError('REPLICATOR_DIVERGED', message);
    }
  }
}

/** Duplicate column, cannot drop, duplicate key name, table exists. */
const DONE_BEFORE = new Set([1060, 1091, 1061, 1050]);

const tooLarge = ({ table, sql }: SqlStatement, max: number): ReplicatorError =>
  new ReplicatorError(
    'REPLICATOR_EVENT_TOO_LARGE',
    `${table}: expected a row of at most ${max} bytes, got ${sql.length}: raise max_allowed_packet at the target`,
  );
