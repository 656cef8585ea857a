/** Times and limits of log splitting, in milliseconds; HBase's defaults with their names. */
export interface SplitLogSettings {
  /** hbase.splitlog.manager.timeout: an owner silent for longer is taken for stuck. */
  readonly taskTimeoutMs: number;
  /** hbase.splitlog.max.resubmit: how often a stuck task is taken away; afterwards its owner may take as long as it wants. */
  readonly maxResubmits: number;
  /** hbase.splitlog.manager.unassigned.timeout: nobody takes any task for so long, so all are told again. */
  readonly unassignedTimeoutMs: number;
  /** hbase.regionserver.wal.max.splitters */
  readonly maxTasksPerServer: number;
  /** Failures of one task before the batch has failed; it is then tried again as a whole. */
  readonly maxErrors: number;
}

export const SPLIT_LOG_SETTINGS: SplitLogSettings = {
  taskTimeoutMs: 120_000,
  maxResubmits: 3,
  unassignedTimeoutMs: 180_000,
  maxTasksPerServer: 2,
  maxErrors: 3,
};
