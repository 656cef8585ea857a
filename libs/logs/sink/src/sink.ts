/** What a collector writes to: fenced by generation, each byte once. */

export interface Batch {
  readonly from: number;
  /** `from` of the next. For a gap there are no bytes between the two. */
  readonly to: number;
  readonly lines: number;
  /** The bytes `[from, to)`; empty for a gap, which is recorded so that the stream can go on behind it. */
  readonly bytes: Buffer;
}

/** What a collector writes one source to. */
export interface SourceSink {
  /** The next offset that it takes. */
  readonly position: number;
  /**
   * Resolves when the batch is on the disk.
   * @throws LogsError `LOGS_STALE_GENERATION` (stop), `LOGS_OUT_OF_ORDER`, `LOGS_SINK_UNAVAILABLE` (try again later)
   */
  append(batch: Batch): Promise<void>;
  close(): Promise<void>;
}

export interface Sink {
  /**
   * Takes a source over.
   * @param gen of the list by which it was given to us
   * @throws LogsError `LOGS_STALE_GENERATION` when somebody with a later one has it, `LOGS_SINK_UNAVAILABLE`
   */
  open(source: string, gen: number): Promise<SourceSink>;
  /** Gives up what all sources share. */
  close(): Promise<void>;
}
