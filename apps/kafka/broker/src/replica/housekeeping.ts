/** What is done to logs now and then: retention, forgetting silent producers, compaction. */
import { join } from 'node:path';
import {
  CLEANER_CHECKPOINT,
  cleanLog,
  dirtyRatio,
  type LogDirectory,
  partitionName,
  readOffsets,
  writeOffsets,
} from '@menagerie/kafka-log';
import type { Logger } from '@menagerie/service';

import type { BrokerConfig } from '../config/broker-config.js';

export class Housekeeping {
  private timers: readonly NodeJS.Timeout[] = [];
  private readonly cleanedTo: Map<string, number>;

  constructor(
    private readonly config: BrokerConfig,
    private readonly logs: LogDirectory,
    private readonly logger: Logger,
  ) {
    this.cleanedTo = new Map(readOffsets(this.checkpointPath));
  }

  private get checkpointPath(): string {
    return join(this.logs.dir, CLEANER_CHECKPOINT);
  }

  start(): void {
    const { settings } = this.config;
    this.timers = [
      setInterval(
        () => this.guard('retention', () => this.retain(Date.now())),
        settings['log.retention.check.interval.ms'],
      ),
      ...(settings['log.cleaner.enable']
        ? [
            setInterval(
              () => this.guard('compaction', () => this.clean(Date.now())),
              settings['log.cleaner.backoff.ms'] || 1_000,
            ),
          ]
        : []),
    ];
  }

  stop(): void {
    for (const timer of this.timers) clearInterval(timer);
  }

  private guard(what: string, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.logger.error({ err: error }, `${what} failed`);
    }
  }

  private retain(nowMs: number): void {
    const removed = this.logs.applyRetention(nowMs);
    if (removed > 0) this.logger.info({ removed }, `${removed} old segments removed`);
    const before = nowMs - this.config.settings['transactional.id.expiration.ms'];
    for (const { producers } of this.logs.all) producers.expire(before);
  }

  /** One log at a time, the dirtiest first, so that others are served in between (LogCleanerManager). */
  private clean(nowMs: number): void {
    const [dirtiest] = this.logs.all
      .filter(({ config }) => config.compact)
      .map((log) => ({ log, ratio: dirtyRatio(log, this.cleanedTo.get(partitionName(log.topicPartition)) ?? 0) }))
      .filter(({ log, ratio }) => ratio > 0 && ratio >= log.config.minCleanableDirtyRatio)
      .sort((a, b) => b.ratio - a.ratio);
    if (dirtiest === undefined) return;
    const { log } = dirtiest;
    const name = partitionName(log.topicPartition);
    const { cleanedTo, bytesBefore, bytesAfter } = cleanLog(log, this.cleanedTo.get(name) ?? 0, nowMs);
    this.cleanedTo.set(name, cleanedTo);
    const offsets = this.logs.all.map(
      (each) => [each.topicPartition, this.cleanedTo.get(partitionName(each.topicPartition)) ?? 0] as const,
    );
    writeOffsets(
      this.checkpointPath,
      offsets.filter(([, offset]) => offset > 0),
    );
    this.logger.info({ ...log.topicPartition, bytesBefore, bytesAfter }, `${name} compacted`);
  }
}
