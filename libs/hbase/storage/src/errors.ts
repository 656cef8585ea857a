/** What the storage throws. */
export type HBaseStorageErrorCode =
  | 'HBASE_CELL'
  | 'HBASE_CORRUPT'
  | 'HBASE_WAL_FENCED'
  | 'HBASE_WAL_BROKEN'
  | 'HBASE_REGION_LOST'
  | 'HBASE_REGION_BUSY'
  | 'HBASE_REGION_CLOSED';

export class HBaseStorageError extends Error {
  constructor(
    readonly code: HBaseStorageErrorCode,
    message: string,
    /** Whether the same may succeed later with nobody changing anything. */
    readonly retryable: boolean,
    options?: { readonly cause?: unknown },
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A user's mistake: a row, column or value that no cell can hold. */
export class CellError extends HBaseStorageError {
  constructor(message: string) {
    super('HBASE_CELL', message, false);
  }
}

/** Bytes on disk are not those that were written. */
export class CorruptFileError extends HBaseStorageError {
  constructor(
    readonly file: string,
    /** Where in the file the damaged part begins, bytes. */
    readonly offset: number,
    problem: string,
  ) {
    super('HBASE_CORRUPT', `${file} at ${offset}: ${problem}`, false);
  }
}

/** Somebody renamed the folder of our log: we were declared dead, and whatever we write now is not acknowledged. */
export class WalFencedError extends HBaseStorageError {
  constructor(file: string) {
    super(
      'HBASE_WAL_FENCED',
      `${file}: expected to own it, its folder was renamed: this server was declared dead`,
      false,
    );
  }
}

/** An append or sync failed; of what was under way nobody knows, and nothing more is accepted. */
export class WalBrokenError extends HBaseStorageError {
  constructor(file: string, cause: unknown) {
    super('HBASE_WAL_BROKEN', `${file}: ${cause instanceof Error ? cause.message : String(cause)}`, false, { cause });
  }
}

/** Another server has opened the region since. */
export class RegionLostError extends HBaseStorageError {
  constructor(folder: string, own: number, current: number) {
    super('HBASE_REGION_LOST', `${folder}: expected opening ${own} to be the last, ${current} is`, false);
  }
}

/** The memstore is full and waits for a flush (HBase's RegionTooBusyException). */
export class RegionBusyError extends HBaseStorageError {
  constructor(folder: string, bytes: number, limit: number) {
    super('HBASE_REGION_BUSY', `${folder}: expected less than ${limit} bytes in memory, got ${bytes}`, true);
  }
}

export class RegionClosedError extends HBaseStorageError {
  constructor(folder: string) {
    super('HBASE_REGION_CLOSED', `${folder}: closed`, true);
  }
}
