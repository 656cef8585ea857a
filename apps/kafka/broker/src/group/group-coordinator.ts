/** The group coordinator of this broker: finds a group's shard, carries out what the group decides, keeps the clock. */
import {
  type CommittedOffset,
  type GroupEffect,
  GROUP_TOPIC,
  type JoinAnswer,
  type JoinInput,
  type MemberRef,
  partitionForKey,
  refusedJoin,
  type SyncInput,
  type TopicPartition,
} from '@menagerie/kafka-core';
import { ErrorCode } from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';

import type { BrokerConfig } from '../config/broker-config.js';
import type { MetadataCache } from '../metadata/metadata-cache.js';
import type { Partition } from '../replica/partition.js';
import type { GroupEntry, NamedOffset } from './group-entry.js';
import { GroupShard, type ShardOptions } from './group-shard.js';

const TICK_MS = 50;
const EXPIRE_EVERY_MS = 600_000;

export interface SyncAnswer {
  readonly errorCode: ErrorCode;
  readonly assignment: Buffer;
}

type Found =
  { readonly shard: GroupShard; readonly errorCode: 0 } | { readonly shard: null; readonly errorCode: ErrorCode };

export class GroupCoordinator {
  private readonly shards = new Map<number, GroupShard>();
  private tokens = 0;
  private readonly joins = new Map<number, (answer: JoinAnswer) => void>();
  private readonly syncs = new Map<number, (answer: SyncAnswer) => void>();
  private readonly timers: readonly NodeJS.Timeout[];
  private readonly options: ShardOptions;

  constructor(
    private readonly config: BrokerConfig,
    private readonly cache: MetadataCache,
    private readonly logger: Logger,
  ) {
    const { settings } = config;
    this.options = {
      settings: {
        minSessionTimeoutMs: settings['group.min.session.timeout.ms'],
        maxSessionTimeoutMs: settings['group.max.session.timeout.ms'],
        initialRebalanceDelayMs: settings['group.initial.rebalance.delay.ms'],
        maxSize: settings['group.max.size'],
      },
      commitTimeoutMs: settings['offsets.commit.timeout.ms'],
      offsetsRetentionMs: settings['offsets.retention.minutes'] * 60_000,
      logger,
    };
    this.timers = [
      setInterval(() => this.tick(performance.now()), TICK_MS),
      setInterval(() => {
        for (const shard of this.shards.values()) if (shard.isLoaded) void shard.expireOffsets(Date.now());
      }, EXPIRE_EVERY_MS),
    ];
  }

  /** The partition that a group belongs to. */
  partitionOf(groupId: string): number {
    const known = this.cache.partitions(GROUP_TOPIC)?.size;
    return partitionForKey(groupId, known ?? this.config.settings['offsets.topic.num.partitions']);
  }

  /** We lead, or no longer lead, one of the partitions of the groups. */
  roleChanged(partition: Partition, leads: boolean): void {
    const number = partition.topicPartition.partition;
    const old = this.shards.get(number);
    if (old !== undefined) {
      this.shards.delete(number);
      for (const entry of old.groups.values()) {
        entry.group.die(ErrorCode.NOT_COORDINATOR);
        this.carryOut(old, entry);
      }
    }
    if (!leads) return;
    const shard = new GroupShard(partition, partition.leaderEpoch, this.options);
    this.shards.set(number, shard);
    shard.load().catch((error: unknown) => this.logger.error({ err: error, number }, 'the groups can not be loaded'));
  }

  shardOf(groupId: string): Found {
    return this.shard(this.partitionOf(groupId));
  }

  shard(number: number): Found {
    const shard = this.shards.get(number);
    if (shard === undefined) return { shard: null, errorCode: ErrorCode.NOT_COORDINATOR };
    if (!shard.isLoaded) return { shard: null, errorCode: ErrorCode.COORDINATOR_LOAD_IN_PROGRESS };
    return { shard, errorCode: 0 };
  }

  private tick(nowMs: number): void {
    for (const shard of this.shards.values()) {
      if (!shard.isLoaded) continue;
      for (const entry of shard.groups.values()) {
        if (entry.group.deadlineMs > nowMs) continue;
        entry.group.tick(nowMs);
        this.carryOut(shard, entry);
      }
    }
  }

  private carryOut(shard: GroupShard, entry: GroupEntry): void {
    for (const effect of entry.group.takeEffects()) this.effect(shard, entry, effect);
  }

  private effect(shard: GroupShard, entry: GroupEntry, effect: GroupEffect): void {
    switch (effect.kind) {
      case 'join-answer':
        this.joins.get(effect.token)?.(effect.answer);
        return void this.joins.delete(effect.token);
      case 'sync-answer':
        this.syncs.get(effect.token)?.({ errorCode: effect.errorCode, assignment: effect.assignment });
        return void this.syncs.delete(effect.token);
      case 'store': {
        const { group } = entry;
        return void shard.storeGroup(group).then((errorCode) => {
          group.stored(effect.generationId, errorCode, performance.now());
          this.carryOut(shard, entry);
        });
      }
      default:
        effect satisfies never;
    }
  }

  join(groupId: string, input: Omit<JoinInput, 'token'>): Promise<JoinAnswer> {
    const refused = (errorCode: ErrorCode) => Promise.resolve(refusedJoin(errorCode, input.memberId));
    if (groupId === '') return refused(ErrorCode.INVALID_GROUP_ID);
    const { shard, errorCode } = this.shardOf(groupId);
    if (shard === null) return refused(errorCode);
    const known = shard.groups.get(groupId);
    // A group that nobody knows has no members, whatever somebody remembers.
    if (known === undefined && input.memberId !== '') return refused(ErrorCode.UNKNOWN_MEMBER_ID);
    if (known === undefined && shard.isFull) return refused(ErrorCode.GROUP_MAX_SIZE_REACHED);
    const entry = known ?? shard.getOrCreate(groupId);
    return new Promise((resolve) => {
      const token = ++this.tokens;
      this.joins.set(token, resolve);
      entry.group.join({ ...input, token }, performance.now());
      this.carryOut(shard, entry);
    });
  }

  sync(groupId: string, input: Omit<SyncInput, 'token'>): Promise<SyncAnswer> {
    const refused = (errorCode: ErrorCode) => Promise.resolve({ errorCode, assignment: Buffer.alloc(0) });
    const found = this.member(groupId);
    if (found.entry === null) return refused(found.errorCode);
    const { shard, entry } = found;
    return new Promise((resolve) => {
      const token = ++this.tokens;
      this.syncs.set(token, resolve);
      entry.group.sync({ ...input, token }, performance.now());
      this.carryOut(shard, entry);
    });
  }

  heartbeat(groupId: string, ref: MemberRef, generationId: number): ErrorCode {
    const found = this.member(groupId);
    return found.entry === null ? found.errorCode : found.entry.group.heartbeat(ref, generationId, performance.now());
  }

  leave(groupId: string, ref: MemberRef): ErrorCode {
    const found = this.member(groupId);
    if (found.entry === null) return found.errorCode;
    const errorCode = found.entry.group.leave(ref, performance.now());
    this.carryOut(found.shard, found.entry);
    return errorCode;
  }

  private member(groupId: string) {
    const none = { shard: null, entry: null } as const;
    if (groupId === '') return { ...none, errorCode: ErrorCode.INVALID_GROUP_ID };
    const { shard, errorCode } = this.shardOf(groupId);
    if (shard === null) return { ...none, errorCode };
    const entry = shard.groups.get(groupId);
    return entry === undefined
      ? { ...none, errorCode: ErrorCode.UNKNOWN_MEMBER_ID }
      : { shard, entry, errorCode: ErrorCode.NONE };
  }

  /** @returns the error for all of them, and NONE when they are committed */
  async commit(
    groupId: string,
    ref: MemberRef,
    generationId: number,
    offsets: readonly NamedOffset[],
  ): Promise<ErrorCode> {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const { shard, errorCode } = this.shardOf(groupId);
    if (shard === null) return errorCode;
    let entry = shard.groups.get(groupId);
    if (entry === undefined) {
      // Whoever needs no group to be assigned partitions may keep its offsets here all the same.
      if (generationId >= 0) return ErrorCode.ILLEGAL_GENERATION;
      if (shard.isFull) return ErrorCode.GROUP_MAX_SIZE_REACHED;
      entry = shard.getOrCreate(groupId);
    }
    const fault = entry.group.checkCommit(ref, generationId, performance.now());
    return fault === ErrorCode.NONE ? shard.commit(entry, offsets) : fault;
  }

  async commitInTransaction(
    groupId: string,
    transaction: { readonly producerId: number; readonly producerEpoch: number },
    offsets: readonly NamedOffset[],
  ): Promise<ErrorCode> {
    if (groupId === '') return ErrorCode.INVALID_GROUP_ID;
    const { shard, errorCode } = this.shardOf(groupId);
    return shard === null ? errorCode : shard.commit(shard.getOrCreate(groupId), offsets, transaction);
  }

  offsets(groupId: string): { readonly errorCode: ErrorCode; readonly entry: GroupEntry | null } {
    const { shard, errorCode } = this.shardOf(groupId);
    return { errorCode, entry: shard?.groups.get(groupId) ?? null };
  }

  committedAt(entry: GroupEntry | null, at: TopicPartition): CommittedOffset | null {
    return entry?.get(at) ?? null;
  }

  get all(): readonly GroupEntry[] {
    return [...this.shards.values()].filter(({ isLoaded }) => isLoaded).flatMap(({ groups }) => [...groups.values()]);
  }

  close(): void {
    for (const timer of this.timers) clearInterval(timer);
    for (const shard of [...this.shards.values()]) this.roleChanged(shard.partition, false);
  }
}
