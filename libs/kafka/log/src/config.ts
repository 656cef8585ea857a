/** What one partition's log goes by; each field has the name of Kafka's topic config in its comment. */
export interface LogConfig {
  /** `segment.bytes` */
  readonly segmentBytes: number;
  /** `segment.ms` */
  readonly segmentMs: number;
  /** `retention.ms`; -1 keeps for ever. */
  readonly retentionMs: number;
  /** `retention.bytes`; -1 keeps all. */
  readonly retentionBytes: number;
  /** `index.interval.bytes` */
  readonly indexIntervalBytes: number;
  /** `max.message.bytes`, of a batch as it comes. */
  readonly maxMessageBytes: number;
  /** `cleanup.policy` has "compact". */
  readonly compact: boolean;
  /** `cleanup.policy` has "delete". */
  readonly delete: boolean;
  /** `min.cleanable.dirty.ratio` */
  readonly minCleanableDirtyRatio: number;
  /** `delete.retention.ms`: tombstones live at least so long behind the cleaner. */
  readonly deleteRetentionMs: number;
  /** `message.timestamp.type` is "LogAppendTime". */
  readonly logAppendTime: boolean;
}

/** Kafka 2.4's defaults. */
export const defaultLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3_600_000,
  retentionMs: 7 * 24 * 3_600_000,
  retentionBytes: -1,
  indexIntervalBytes: 4096,
  maxMessageBytes: 1_000_012,
  compact: false,
  delete: true,
  minCleanableDirtyRatio: 0.5,
  deleteRetentionMs: 24 * 3_600_000,
  logAppendTime: false,
};
