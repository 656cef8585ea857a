/** One run of a copy: checks, takes the target over, copies what has to be copied, then follows the binlog until it cannot. */
import {
  type BinlogStatement,
  decideStart,
  decideStatement,
  formatGtid,
  type LastCommit,
  parsePosition,
  Phase,
  ReplicatorError,
  type Table,
  type Task,
} from '@menagerie/replicator-core';
import type { Connection } from 'mysql2/promise';
import { connectSource, connectTarget } from '../connect.js';
import { sourceError, targetError } from '../mysql-errors.js';
import type { BinlogItem, StatementItem } from '../source/binlog-item.js';
import { BinlogReader } from '../source/binlog-reader.js';
import { inspectSource } from '../source/inspect-source.js';
import { readTables } from '../source/read-tables.js';
import { Applier } from '../target/applier.js';
import { commitFenced, type Holder } from '../target/fenced.js';
import { refuseOvertaken, takePosition } from '../target/position-table.js';
import { checkTarget, createMissing } from '../target/prepare-tables.js';
import { StatementWriter } from '../target/statements.js';
import { copyTables } from './initial-copy.js';

/** How far a copy is: what `lastCommit` is made of. */
export interface Progress {
  readonly phase: Phase;
  readonly gtid: string;
  readonly file: string;
  readonly pos: number;
  readonly rows: number;
  readonly lagMs: number;
}

export interface CopierOptions {
  readonly task: Task;
  /** Its name in the position table. */
  readonly key: string;
  readonly fence: bigint;
  readonly lastCommit: LastCommit | null;
  /** Asked before each commit: throws when nothing may be applied any more. */
  readonly gate: () => void;
  readonly onProgress: (progress: Progress) => void;
}

/** Taken from the binlog at once: more makes for fewer commits, fewer for less to be repeated. */
const MAX_ROWS_AT_ONCE = 4_000;
/** The header of a packet, and the statement around a row. */
const PACKET_RESERVE_BYTES = 4_096;

/**
 * Runs until the signal fires or something is wrong. Closes whatever it opened.
 * @throws ReplicatorError; the position is kept, and another run goes on from it
 */
export async function runCopier(options: CopierOptions, signal: AbortSignal): Promise<void> {
  const { task } = options;
  const source = await connectSource(task.source);
  try {
    const target = await connectTarget(task.target);
    const onAbort = () => [source, target].forEach((connection) => connection.destroy());
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      await copy(options, source, target, signal);
    } finally {
      signal.removeEventListener('abort', onAbort);
      // At once: what it holds locked must not stay so until a lost packet is noticed.
      target.destroy();
    }
  } finally {
    source.destroy();
  }
}

async function copy(
  options: CopierOptions,
  source: Connection,
  target: Connection,
  signal: AbortSignal,
): Promise<void> {
  const { task, key, fence, gate, onProgress } = options;
  await refuseOvertaken(target, key, fence);
  const inspected = await inspectSource(source, task.source, task.tables);
  const there = await checkTarget(target, task.target, inspected);
  const { row, openDdl } = await takePosition(target, key, fence);
  const holder: Holder = { connection: target, task: key, fence, gate };
  const start = decideStart(task, row, options.lastCommit);
  await createMissing(source, target, inspected, there);
  const tables = new Map(inspected.map((table) => [table.name, table]));
  let progress = {
    phase: Phase.streaming as Phase,
    gtid: row?.gtid ?? '',
    file: row?.file ?? '',
    pos: row?.pos ?? 0,
    rows: row?.rows ?? 0,
    lagMs: 0,
  };
  switch (start.kind) {
    case 'copy': {
      progress = { ...progress, phase: Phase.copying, gtid: '', rows: 0 };
      onProgress(progress);
      const copied = await copyTables(
        source,
        holder,
        task,
        tables,
        (rows) => onProgress({ ...progress, rows }),
        signal,
      );
      progress = { ...progress, ...copied, phase: Phase.streaming };
      break;
    }
    case 'now':
      progress = { ...progress, gtid: await endOfBinlog(source) };
      await begin(holder, task, progress.gtid);
      break;
    case 'resume':
      progress = { ...progress, gtid: start.gtid };
      if (row === null || row.copy < task.copy) await begin(holder, task, start.gtid);
      break;
  }
  onProgress(progress);
  await follow(options, holder, tables, progress, openDdl, signal);
}

const begin = async (holder: Holder, task: Task, gtid: string): Promise<void> =>
  void (await commitFenced(
    holder,
    `phase = '${Phase.streaming}', gtid = '${gtid}', ddl = '', copy = ${task.copy},`,
    [],
  ));

async function endOfBinlog(source: Connection): Promise<string> {
  try {
    const [rows] = await source.query('SELECT @@global.gtid_binlog_pos AS gtid');
    return (rows as { gtid: string }[])[0]?.gtid ?? '';
  } catch (error) {
    throw sourceError(error);
  }
}

async function follow(
  { task, key, fence, gate, onProgress }: CopierOptions,
  holder: Holder,
  tables: ReadonlyMap<string, Table>,
  begun: Progress,
  openDdl: string,
  signal: AbortSignal,
): Promise<void> {
  const { connection } = holder;
  const writer = new StatementWriter(tables);
  const maxPacketBytes = (await packetOf(connection)) - PACKET_RESERVE_BYTES;
  const applier = new Applier(
    { connection, task: key, fence, gate, writer, maxPacketBytes },
    parsePosition(begun.gtid),
  );
  const reader = new BinlogReader({
    place: task.source,
    tables: task.tables,
    serverId: task.serverId,
    gtid: begun.gtid,
  });
  let progress = begun;
  const apply = async (items: readonly BinlogItem[]): Promise<void> => {
    if (items.length === 0) return;
    const applied = await applier.apply(items);
    if (applied === null) return;
    const { position, boundary, rows } = applied;
    progress = {
      phase: Phase.streaming,
      gtid: [...position.values()].map(formatGtid).join(','),
      file: boundary.file,
      pos: boundary.pos,
      rows: progress.rows + rows,
      lagMs: Math.max(0, Date.now() - boundary.committedAtMs),
    };
    onProgress(progress);
  };
  const carryOut = async (item: StatementItem): Promise<void> => {
    const statement: BinlogStatement = { database: item.database, sql: item.sql, gtid: formatGtid(item.gtid) };
    const decision = decideStatement(task, statement);
    if (decision.kind === 'pause') throw new ReplicatorError('REPLICATOR_DDL_PAUSED', decision.why);
    if (decision.kind === 'skip') {
      // Whoever carried it out by hand may have changed what we know of the tables.
      if (task.ddlDone === statement.gtid) writer.reset(await tablesOf(connection, task, tables));
      return;
    }
    await applier.define(item.sql, statement.gtid, openDdl === statement.gtid);
    writer.reset(await tablesOf(connection, task, tables));
  };
  try {
    for (;;) {
      let rest = await reader.take(MAX_ROWS_AT_ONCE, signal);
      for (let at = statementIn(rest); at !== -1; at = statementIn(rest)) {
        await apply(rest.slice(0, at));
        await carryOut(rest[at] as StatementItem);
        rest = rest.slice(at + 1);
      }
      await apply(rest);
    }
  } finally {
    await reader.close();
  }
}

const statementIn = (items: readonly BinlogItem[]): number => items.findIndex((item) => item.kind === 'statement');

async function tablesOf(
  target: Connection,
  task: Task,
  known: ReadonlyMap<string, Table>,
): Promise<ReadonlyMap<string, Table>> {
  try {
    return new Map(
      (await readTables(target, task.target.database, [...known.keys()])).map((table) => [table.name, table]),
    );
  } catch (error) {
    throw targetError(error);
  }
}

async function packetOf(target: Connection): Promise<number> {
  try {
    const [rows] = await target.query('SELECT @@max_allowed_packet AS bytes');
    return Number((rows as { bytes: number | string }[])[0]?.bytes ?? 0);
  } catch (error) {
    throw targetError(error);
  }
}
