/**
 * A source's binlog from a position on, as a queue with an end: when whoever takes from it is slow, nothing more is read from
 * the socket, and the source waits.
 *
 * The dump asks for heartbeats: without them a connection that is open at one end only looks like a source where nothing
 * happens. All cores of a task use one server id, so that the source itself ends the older of two dumps.
 */
import { type DatabasePlace, type Gtid, parseGtid, ReplicatorError } from '@menagerie/replicator-core';
import ZongJi from '@vlasky/zongji';
import type { BinlogEvent } from '@vlasky/zongji';
import { exactValues, placeOptions } from '../connect.js';
import { sourceError } from '../mysql-errors.js';
import { type BinlogItem, isRows, type RowsItem } from './binlog-item.js';

export interface BinlogOptions {
  readonly place: DatabasePlace;
  readonly tables: readonly string[];
  readonly serverId: number;
  /** The last transaction that is not to be read again. */
  readonly gtid: string;
}

/** Queued at most, before the socket is left alone; read again below half. */
const MAX_QUEUED_BYTES = 16 * 1024 * 1024;
const MAX_QUEUED_ITEMS = 50_000;
const HEARTBEAT_MS = 1_000;
/** A connection that says nothing for so long is broken. */
const SILENT_MS = 10_000;
const NS_PER_MS = 1_000_000;

const EVENTS = [
  'mariadbgtid',
  'tablemap',
  'writerows',
  'updaterows',
  'deleterows',
  'query',
  'xid',
  'rotate',
  'heartbeat',
  'format',
];

/** What the events of zongji have beyond their common type. */
interface AnyEvent extends BinlogEvent {
  readonly tableId: number;
  readonly tableMap: Readonly<Record<number, { readonly tableName: string }>>;
  readonly rows: RowsItem['rows'];
  readonly query: string;
  readonly schema: string;
  readonly standalone: boolean;
  readonly binlogName: string;
}

const CHANGES: Readonly<Record<string, RowsItem['kind']>> = {
  WriteRows: 'insert',
  UpdateRows: 'update',
  DeleteRows: 'delete',
};

export class BinlogReader {
  private readonly zongji: ZongJi;
  private queue: BinlogItem[] = [];
  private queuedBytes = 0;
  /** Invariant: the rows in the queue, and the boundaries in it. */
  private queuedRows = 0;
  private boundaries = 0;
  private isPaused = false;
  private failure: ReplicatorError | null = null;
  private wake: (() => void) | null = null;
  private file = '';
  private gtid: Gtid | null = null;
  private isStandalone = false;
  private heardAtMs = performance.now();
  private readonly watchdog: NodeJS.Timeout;

  constructor({ place, tables, serverId, gtid }: BinlogOptions) {
    this.zongji = new ZongJi({ ...placeOptions(place), ...exactValues });
    this.zongji.on('error', (error: Error) => this.fail(sourceError(error)));
    this.zongji.on('binlog', (event: BinlogEvent) => this.read(event as AnyEvent));
    this.zongji.start({
      serverId,
      gtidSet: gtid,
      includeEvents: EVENTS,
      includeSchema: { [place.database]: [...tables] },
    });
    // On the connection of the dump, which is there from here on and is asked in order: before the dump begins.
    this.connection?.query(`SET @master_heartbeat_period = ${HEARTBEAT_MS * NS_PER_MS}`, () => undefined);
    this.watchdog = setInterval(() => this.look(), HEARTBEAT_MS);
  }

  /**
   * What has come, once that is a whole transaction or as many rows as may be taken at once.
   * @throws ReplicatorError when the stream has ended; what came before is lost, and is read again from the position
   */
  async take(maxRows: number, signal: AbortSignal): Promise<readonly BinlogItem[]> {
    const onAbort = () => this.wake?.();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      for (;;) {
        signal.throwIfAborted();
        if (this.failure !== null) throw this.failure;
        if (this.boundaries > 0 || this.queuedRows >= maxRows || this.isPaused) return this.cut(maxRows);
        await new Promise<void>((resolve) => (this.wake = resolve));
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /** Ends the dump at the source too. */
  async close(): Promise<void> {
    clearInterval(this.watchdog);
    this.failure ??= new ReplicatorError(
      'REPLICATOR_SOURCE_UNAVAILABLE',
      'source: the binlog is not read any more',
      true,
    );
    this.wake?.();
    await new Promise<void>((resolve) => {
      this.zongji.once('stopped', () => resolve());
      this.zongji.stop();
    });
  }

  /** Up to the last boundary within so many rows; a transaction that is larger comes in pieces. */
  private cut(maxRows: number): readonly BinlogItem[] {
    let rows = 0;
    let end = 0;
    let lastBoundary = 0;
    for (const item of this.queue) {
      if (rows >= maxRows) break;
      end += 1;
      if (isRows(item)) rows += item.rows.length;
      else if (item.kind === 'boundary') lastBoundary = end;
    }
    const taken = this.queue.slice(0, lastBoundary > 0 ? lastBoundary : end);
    this.queue = this.queue.slice(taken.length);
    for (const item of taken) {
      if (item.kind === 'boundary') this.boundaries -= 1;
      else if (isRows(item)) this.queuedRows -= item.rows.length;
    }
    // Sizes are those of events, and only their sum counts: what is left weighs its share.
    this.queuedBytes =
      this.queue.length === 0 ? 0 : this.queuedBytes * (this.queue.length / (this.queue.length + taken.length));
    if (this.isPaused && this.queuedBytes < MAX_QUEUED_BYTES / 2 && this.queue.length < MAX_QUEUED_ITEMS / 2) {
      this.isPaused = false;
      this.heardAtMs = performance.now();
      this.connection?.resume();
    }
    return taken;
  }

  private read(event: AnyEvent): void {
    this.heardAtMs = performance.now();
    const name = event.getTypeName() as string;
    switch (name) {
      case 'Rotate':
        this.file = event.binlogName;
        return;
      case 'MariadbGtid':
        this.gtid = parseGtid(String(event.gtid));
        this.isStandalone = event.standalone;
        return;
      case 'WriteRows':
      case 'UpdateRows':
      case 'DeleteRows': {
        const table = event.tableMap[event.tableId]?.tableName;
        if (table === undefined)
          return this.fail(new ReplicatorError('REPLICATOR_SCHEMA_CHANGED', 'rows of a table that was not announced'));
        return this.push({ kind: CHANGES[name], table, rows: event.rows } as RowsItem, event.size);
      }
      case 'Xid':
        return this.end(event);
      case 'Query':
        return this.readQuery(event);
      default:
        return;
    }
  }

  private readQuery(event: AnyEvent): void {
    const sql = event.query.trim();
    if (/^(COMMIT|ROLLBACK)$/i.test(sql)) return this.end(event);
    if (/^BEGIN$/i.test(sql)) return;
    const { gtid } = this;
    if (gtid === null) return;
    this.push({ kind: 'statement', database: event.schema, sql, gtid }, event.size);
    if (this.isStandalone) this.end(event);
  }

  private end(event: AnyEvent): void {
    if (this.gtid === null) return;
    const { gtid, file } = this;
    this.gtid = null;
    this.boundaries += 1;
    this.push({ kind: 'boundary', gtid, file, pos: event.nextPosition, committedAtMs: event.timestamp }, event.size);
  }

  private push(item: BinlogItem, bytes: number): void {
    this.queue.push(item);
    this.queuedBytes += bytes;
    if (isRows(item)) this.queuedRows += item.rows.length;
    if (!this.isPaused && (this.queuedBytes > MAX_QUEUED_BYTES || this.queue.length > MAX_QUEUED_ITEMS)) {
      this.isPaused = true;
      this.connection?.pause();
    }
    if (this.boundaries > 0 || this.isPaused || isRows(item)) this.wake?.();
  }

  private look(): void {
    const silentMs = performance.now() - this.heardAtMs;
    if (this.isPaused || silentMs < SILENT_MS) return;
    const message = `source: nothing was heard for ${Math.round(silentMs / 1_000)} s, not even a heartbeat`;
    this.fail(new ReplicatorError('REPLICATOR_SOURCE_UNAVAILABLE', message, true));
  }

  private fail(error: ReplicatorError): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** zongji keeps it to itself in its types. */
  private get connection(): DumpConnection | null {
    return (this.zongji as unknown as { readonly connection: DumpConnection | null }).connection;
  }
}

interface DumpConnection {
  query(sql: string, done: () => void): void;
  pause(): void;
  resume(): void;
}
