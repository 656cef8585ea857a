/** All logs of a broker in one folder (`log.dirs`), with the checkpoints that go over all of them (LogManager). */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { LogConfig } from './config.js';
import { LogDirectoryError, StorageError } from './errors.js';
import {
  CLEAN_SHUTDOWN_FILE,
  DELETE_ENDING,
  HIGH_WATERMARK_CHECKPOINT,
  LOG_START_CHECKPOINT,
  parsePartitionName,
  partitionName,
  RECOVERY_POINT_CHECKPOINT,
  type TopicPartition,
} from './file-names.js';
import { type PartitionOffsets, readOffsets, writeOffsets } from './offset-checkpoint.js';
import { PartitionLog } from './partition-log.js';

/** What a topic's log goes by; asked for each topic found on disk. */
export type ConfigOf = (topic: string) => LogConfig;

export class LogDirectory {
  private readonly logs = new Map<string, PartitionLog>();
  /** As of the last stop or crash, for partitions that have not been opened. */
  private watermarks: PartitionOffsets = new Map();
  private readonly removals = new Set<Promise<void>>();
  private isClosed = false;

  private constructor(readonly dir: string) {}

  /**
   * Opens every log in the folder, which is made if it is missing. After a stop that was not orderly each log is checked
   * from its recovery point on.
   *
   * @throws LogDirectoryError when there can be no such folder
   */
  static open(dir: string, configOf: ConfigOf): LogDirectory {
    try {
      mkdirSync(dir, { recursive: true });
    } catch (error) {
      throw new LogDirectoryError(`log.dirs: cannot make ${dir}: ${String(error)}`, error);
    }
    const directory = new LogDirectory(dir);
    directory.load(configOf);
    return directory;
  }

  private load(configOf: ConfigOf): void {
    const files = readdirSync(this.dir);
    const clean = files.includes(CLEAN_SHUTDOWN_FILE);
    // From now on the next start has to look, unless this one ends in an orderly way.
    rmSync(join(this.dir, CLEAN_SHUTDOWN_FILE), { force: true });
    const recoveryPoints = readOffsets(join(this.dir, RECOVERY_POINT_CHECKPOINT));
    const logStarts = readOffsets(join(this.dir, LOG_START_CHECKPOINT));
    this.watermarks = readOffsets(join(this.dir, HIGH_WATERMARK_CHECKPOINT));
    for (const entry of readdirSync(this.dir, { withFileTypes: true })) {
      if (!entry.isDirectory()) continue;
      if (entry.name.endsWith(DELETE_ENDING)) this.remove(join(this.dir, entry.name));
      const topicPartition = entry.name.endsWith(DELETE_ENDING) ? null : parsePartitionName(entry.name);
      if (topicPartition === null) continue;
      const log = PartitionLog.open(join(this.dir, entry.name), topicPartition, configOf(topicPartition.topic), {
        clean,
        recoveryPoint: recoveryPoints.get(entry.name) ?? 0,
        logStartOffset: logStarts.get(entry.name) ?? 0,
      });
      log.setHighWatermark(this.watermarks.get(entry.name) ?? 0);
      this.logs.set(entry.name, log);
    }
  }

  get all(): readonly PartitionLog[] {
    return [...this.logs.values()];
  }

  get(topicPartition: TopicPartition): PartitionLog | undefined {
    return this.logs.get(partitionName(topicPartition));
  }

  /** @throws StorageError */
  getOrCreate(topicPartition: TopicPartition, config: LogConfig): PartitionLog {
    const name = partitionName(topicPartition);
    let log = this.logs.get(name);
    if (log === undefined) {
      log = PartitionLog.open(join(this.dir, name), topicPartition, config, { clean: true });
      this.logs.set(name, log);
    }
    return log;
  }

  /** The log is gone at once; its files go in the background, under a name that a restart recognises. */
  delete(topicPartition: TopicPartition): void {
    const name = partitionName(topicPartition);
    const log = this.logs.get(name);
    if (log === undefined) return;
    this.logs.delete(name);
    log.markDeleted();
    const aside = join(this.dir, `${name}.${randomUUID().replaceAll('-', '')}${DELETE_ENDING}`);
    try {
      renameSync(log.dir, aside);
    } catch (error) {
      throw new StorageError(`rename ${log.dir}`, error);
    }
    this.remove(aside);
  }

  private remove(path: string): void {
    const removal: Promise<void> = rm(path, { recursive: true, force: true })
      // What stays is tried again at the next start.
      .catch(() => undefined)
      .finally(() => this.removals.delete(removal));
    this.removals.add(removal);
  }

  applyRetention(nowMs: number): number {
    return this.all.reduce((removed, log) => removed + log.applyRetention(nowMs), 0);
  }

  /** @throws StorageError */
  checkpointHighWatermarks(): void {
    this.write(HIGH_WATERMARK_CHECKPOINT, (log) => log.highWatermark);
  }

  /** @throws StorageError */
  checkpointRecoveryPoints(): void {
    this.write(RECOVERY_POINT_CHECKPOINT, (log) => log.recoveryPoint);
    this.write(LOG_START_CHECKPOINT, (log) => log.logStartOffset);
  }

  private write(name: string, offsetOf: (log: PartitionLog) => number): void {
    if (this.isClosed) return;
    writeOffsets(
      join(this.dir, name),
      this.all.map((log) => [log.topicPartition, offsetOf(log)]),
    );
  }

  /** Everything durable and marked as such: the next start need not check. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    for (const log of this.all) log.close();
    this.checkpointRecoveryPoints();
    this.checkpointHighWatermarks();
    this.isClosed = true;
    await Promise.all(this.removals);
    writeFileSync(join(this.dir, CLEAN_SHUTDOWN_FILE), '');
  }
}
