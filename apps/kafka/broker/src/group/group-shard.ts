/** The groups of one partition of `__consumer_offsets`, which this broker coordinates while it leads that partition. */
import {
  Group,
  groupRecord,
  type GroupSettings,
  GroupState,
  offsetRecord,
  readGroupRecord,
  type StoredGroup,
  type TopicPartition,
} from '@menagerie/kafka-core';
import {
  type Batch,
  ErrorCode,
  isControl,
  isTransactional,
  type NewRecord,
  readTxnMarker,
} from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';

import type { Partition } from '../replica/partition.js';
import { appendCommitted, type AppendOptions, readAll } from './coordinator-log.js';
import { GroupEntry, type NamedOffset } from './group-entry.js';

export interface ShardOptions {
  readonly settings: GroupSettings;
  readonly commitTimeoutMs: number;
  readonly offsetsRetentionMs: number;
  readonly logger: Logger;
}

/** Groups one partition may hold: whoever invents more is refused. */
const MAX_GROUPS = 100_000;

export class GroupShard {
  readonly groups = new Map<string, GroupEntry>();
  private loaded = false;

  constructor(
    readonly partition: Partition,
    readonly leaderEpoch: number,
    private readonly options: ShardOptions,
  ) {}

  get isLoaded(): boolean {
    return this.loaded;
  }

  /** Reads the log. Until it is done the clients are asked to wait. */
  async load(): Promise<void> {
    const started = performance.now();
    const stored = new Map<string, StoredGroup>();
    const ok = await readAll(this.partition, this.leaderEpoch, ({ header }) => isControl(header), {
      record: ({ key, value }, batch) => {
        const record = readGroupRecord({ key, value });
        if (record?.kind === 'group') {
          if (record.group === null) stored.delete(record.groupId);
          else stored.set(record.groupId, record.group);
        } else if (record?.kind === 'offset') {
          const entry = this.getOrCreate(record.groupId);
          const { topicPartition, committed } = record;
          if (committed === null) entry.forget(topicPartition);
          else if (isTransactional(batch.header)) {
            entry.setPending(batch.header.producerId, { ...topicPartition, committed });
          } else entry.set({ ...topicPartition, committed });
        }
      },
      marker: (batch) => this.markerWritten(batch),
    });
    if (!ok) return;
    for (const [groupId, group] of stored) this.getOrCreate(groupId).group.restore(group, performance.now());
    for (const [groupId, entry] of this.groups)
      if (entry.isForgettable && !stored.has(groupId)) this.groups.delete(groupId);
    this.loaded = true;
    const { topicPartition } = this.partition;
    this.options.logger.debug(
      { ...topicPartition, groups: this.groups.size, tookMs: performance.now() - started },
      'groups loaded',
    );
  }

  /** A transaction has ended in this partition. */
  markerWritten(batch: Batch): void {
    const marker = readTxnMarker(batch);
    if (marker === null) return;
    for (const entry of this.groups.values()) entry.endTransaction(marker.producerId, marker.committed);
  }

  getOrCreate(groupId: string): GroupEntry {
    let entry = this.groups.get(groupId);
    if (entry === undefined) {
      entry = new GroupEntry(new Group(groupId, this.options.settings), Date.now());
      this.groups.set(groupId, entry);
    }
    return entry;
  }

  get isFull(): boolean {
    return this.groups.size >= MAX_GROUPS;
  }

  append(records: readonly NewRecord[], more: Pick<AppendOptions, 'transaction' | 'onAppended'> = {}) {
    const { commitTimeoutMs: timeoutMs, logger } = this.options;
    return appendCommitted(this.partition, records, { timeoutMs, logger, ...more });
  }

  /** Makes the group as it is now durable. */
  storeGroup({ groupId, generationId, protocolType, protocolName, leader, members }: Group): Promise<ErrorCode> {
    const group = { generationId, protocolType, protocolName, leader, members };
    return this.append([groupRecord(groupId, group, Date.now())]);
  }

  async commit(
    entry: GroupEntry,
    offsets: readonly NamedOffset[],
    transaction?: { readonly producerId: number; readonly producerEpoch: number },
  ): Promise<ErrorCode> {
    const nowMs = Date.now();
    const records = offsets.map((offset) => offsetRecord(entry.group.groupId, offset, offset.committed, nowMs));
    if (transaction !== undefined) {
      // As the log has them, whatever becomes of the answer: the marker that decides about them can not come before.
      const onAppended = () => offsets.forEach((offset) => entry.setPending(transaction.producerId, offset));
      return this.append(records, { transaction, onAppended });
    }
    const errorCode = await this.append(records);
    if (errorCode === ErrorCode.NONE) for (const offset of offsets) entry.set(offset);
    return errorCode;
  }

  async forgetOffsets(entry: GroupEntry, offsets: readonly TopicPartition[]): Promise<ErrorCode> {
    const nowMs = Date.now();
    const records = offsets.map((offset) => offsetRecord(entry.group.groupId, offset, null, nowMs));
    const errorCode = records.length === 0 ? ErrorCode.NONE : await this.append(records);
    if (errorCode === ErrorCode.NONE) for (const offset of offsets) entry.forget(offset);
    return errorCode;
  }

  /** Forgets an empty group and all its offsets. */
  async deleteGroup(groupId: string): Promise<ErrorCode> {
    const entry = this.groups.get(groupId);
    if (entry === undefined) return ErrorCode.GROUP_ID_NOT_FOUND;
    if (entry.group.state !== GroupState.empty || entry.hasPending) return ErrorCode.NON_EMPTY_GROUP;
    const nowMs = Date.now();
    entry.group.die(ErrorCode.COORDINATOR_NOT_AVAILABLE);
    const errorCode = await this.append([
      ...entry.all.map((offset) => offsetRecord(groupId, offset, null, nowMs)),
      groupRecord(groupId, null, nowMs),
    ]);
    this.groups.delete(groupId);
    return errorCode;
  }

  /** Forgets offsets of groups that have had no members for too long. */
  async expireOffsets(nowMs: number): Promise<void> {
    const { offsetsRetentionMs } = this.options;
    for (const [groupId, entry] of this.groups) {
      if (entry.group.state !== GroupState.empty) {
        entry.lastActiveMs = nowMs;
        continue;
      }
      const old = entry.all.filter(
        ({ committed }) => nowMs - Math.max(committed.commitTimestampMs, entry.lastActiveMs) > offsetsRetentionMs,
      );
      if (old.length > 0) await this.forgetOffsets(entry, old);
      if (old.length > 0 && entry.isForgettable) await this.deleteGroup(groupId);
    }
  }
}
