/** One partition on this broker: its log, whether we lead or follow, and who waits for it to move (Partition.scala). */
import { ErrorCode, KafkaAnswerError } from '@menagerie/kafka-protocol';
import { LeaderProgress, type LeaderIsr, NO_LEADER, type TopicPartition } from '@menagerie/kafka-core';
import type { AppendOrigin, AppendResult, PartitionLog } from '@menagerie/kafka-log';
import type { Logger } from '@menagerie/service';

import type { IsrStore } from './isr-store.js';

/** What LeaderAndIsr says of a partition. */
export interface PartitionRole extends LeaderIsr {
  readonly zkVersion: number;
  readonly replicas: readonly number[];
}

export interface PartitionOptions {
  readonly brokerId: number;
  readonly isrStore: IsrStore;
  readonly logger: Logger;
  readonly minInsyncReplicas: () => number;
}

interface CommitWaiter {
  readonly offset: number;
  readonly settle: (errorCode: ErrorCode) => void;
}

/** Produce requests that may wait for followers; the clients' own limits come long before. */
const MAX_WAITERS = 100_000;

export class Partition {
  private role: PartitionRole | null = null;
  /** Null while we follow. */
  private progress: LeaderProgress | null = null;
  /** An ISR being written; until it is known whether it holds, nothing is committed without its new members. */
  private pendingIsr: readonly number[] | null = null;
  private waiters: CommitWaiter[] = [];
  private readonly watchers = new Set<() => void>();

  constructor(
    readonly topicPartition: TopicPartition,
    readonly log: PartitionLog,
    private readonly options: PartitionOptions,
  ) {}

  get isLeader(): boolean {
    return this.progress !== null;
  }

  get leaderEpoch(): number {
    return this.role?.leaderEpoch ?? -1;
  }

  get leaderId(): number {
    return this.role?.leader ?? NO_LEADER;
  }

  get isr(): readonly number[] {
    return this.role?.isr ?? [];
  }

  get replicas(): readonly number[] {
    return this.role?.replicas ?? [];
  }

  /** @throws KafkaAnswerError when we do not lead, or not in that epoch; -1 asks for none in particular */
  requireLeader(epoch = -1): void {
    this.checkEpoch(epoch);
    if (!this.isLeader) throw new KafkaAnswerError(ErrorCode.NOT_LEADER_OR_FOLLOWER);
  }

  private checkEpoch(epoch: number): void {
    if (epoch < 0 || epoch === this.leaderEpoch) return;
    throw new KafkaAnswerError(
      epoch < this.leaderEpoch ? ErrorCode.FENCED_LEADER_EPOCH : ErrorCode.UNKNOWN_LEADER_EPOCH,
    );
  }

  becomeLeader(role: PartitionRole, nowMs: number): void {
    const wasLeader = this.isLeader;
    this.role = role;
    this.pendingIsr = null;
    const followers = role.replicas.filter((id) => id !== this.options.brokerId);
    // Whoever truncates by epochs must be told where ours begins, even before its first record.
    this.log.epochs.assign(role.leaderEpoch, this.log.logEndOffset);
    this.progress = new LeaderProgress(followers, this.log.logEndOffset, nowMs);
    if (!wasLeader) this.wake();
    this.advanceHighWatermark();
  }

  becomeFollower(role: PartitionRole): void {
    this.role = role;
    this.stepDown(ErrorCode.NOT_LEADER_OR_FOLLOWER);
  }

  /** The partition leaves this broker. */
  stop(): void {
    this.role = null;
    this.stepDown(ErrorCode.NOT_LEADER_OR_FOLLOWER);
  }

  private stepDown(errorCode: ErrorCode): void {
    this.progress = null;
    this.pendingIsr = null;
    for (const waiter of this.waiters.splice(0)) waiter.settle(errorCode);
    this.wake();
  }

  /** @throws KafkaAnswerError, CorruptBatchError, StorageError; nothing is appended then */
  append(records: Buffer, requiredAcks: number, nowMs: number, origin: AppendOrigin = 'client'): AppendResult {
    this.requireLeader();
    if (requiredAcks === -1 && this.isr.length < this.options.minInsyncReplicas()) {
      throw new KafkaAnswerError(ErrorCode.NOT_ENOUGH_REPLICAS);
    }
    const result = this.log.appendAsLeader(records, this.leaderEpoch, nowMs, origin);
    this.advanceHighWatermark();
    this.wake();
    return result;
  }

  /** Resolves when everything before `offset` is committed, or with why it is not. */
  committed(offset: number, timeoutMs: number): Promise<ErrorCode> {
    if (!this.isLeader) return Promise.resolve(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    if (this.log.highWatermark >= offset) return Promise.resolve(this.verdict());
    if (this.waiters.length >= MAX_WAITERS) return Promise.resolve(ErrorCode.REQUEST_TIMED_OUT);
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.waiters = this.waiters.filter((each) => each !== waiter);
        resolve(ErrorCode.REQUEST_TIMED_OUT);
      }, timeoutMs);
      const waiter: CommitWaiter = {
        offset,
        settle: (errorCode) => {
          clearTimeout(timer);
          resolve(errorCode);
        },
      };
      this.waiters.push(waiter);
    });
  }

  private verdict(): ErrorCode {
    const enough = this.isr.length >= this.options.minInsyncReplicas();
    return enough ? ErrorCode.NONE : ErrorCode.NOT_ENOUGH_REPLICAS_AFTER_APPEND;
  }

  /** Calls back once at the next append, commit or change of role. @returns takes it back */
  watch(callback: () => void): () => void {
    this.watchers.add(callback);
    return () => this.watchers.delete(callback);
  }

  private wake(): void {
    if (this.watchers.size === 0) return;
    const watchers = [...this.watchers];
    this.watchers.clear();
    for (const callback of watchers) callback();
  }

  /** A follower has everything before `fetchOffset`. @throws KafkaAnswerError for somebody who is no replica */
  followerFetched(replicaId: number, fetchOffset: number, nowMs: number): void {
    if (!this.progress!.fetched(replicaId, fetchOffset, this.log.logEndOffset, nowMs)) {
      throw new KafkaAnswerError(ErrorCode.NOT_LEADER_OR_FOLLOWER);
    }
    if (!this.isr.includes(replicaId)) this.maybeExpandIsr(replicaId);
    this.advanceHighWatermark();
  }

  /** As a follower we learn from the leader how far the partition is committed. */
  followHighWatermark(offset: number): void {
    if (this.log.setHighWatermark(offset)) this.wake();
  }

  private advanceHighWatermark(): void {
    if (this.progress === null) return;
    // With a member that may be in the ISR already, for all we know: the maximal ISR (KIP-497).
    const isr = this.pendingIsr === null ? this.isr : [...new Set([...this.isr, ...this.pendingIsr])];
    const committed = this.progress.committedOffset(isr, this.log.logEndOffset);
    if (committed <= this.log.highWatermark || !this.log.setHighWatermark(committed)) return;
    if (this.waiters.length > 0) {
      const done = this.waiters.filter(({ offset }) => offset <= committed);
      this.waiters = this.waiters.filter(({ offset }) => offset > committed);
      const verdict = this.verdict();
      for (const waiter of done) waiter.settle(verdict);
    }
    this.wake();
  }

  private maybeExpandIsr(replicaId: number): void {
    if (this.pendingIsr !== null || !this.replicas.includes(replicaId)) return;
    if (this.progress!.mayJoin(replicaId, this.log.highWatermark)) void this.writeIsr([...this.isr, replicaId]);
  }

  /** Takes out of the ISR who has not kept up. */
  maybeShrinkIsr(nowMs: number, maxLagMs: number): void {
    if (this.progress === null || this.pendingIsr !== null) return;
    const laggards = this.progress.laggards(this.isr, this.log.logEndOffset, nowMs, maxLagMs);
    if (laggards.length > 0) void this.writeIsr(this.isr.filter((id) => !laggards.includes(id)));
  }

  private async writeIsr(isr: readonly number[]): Promise<void> {
    const { role } = this;
    const { logger, isrStore } = this.options;
    if (role === null) return;
    this.pendingIsr = isr;
    const { topic, partition } = this.topicPartition;
    try {
      const { leader, leaderEpoch, controllerEpoch } = role;
      const written = await isrStore.write(
        this.topicPartition,
        { leader, leaderEpoch, controllerEpoch, isr },
        role.zkVersion,
      );
      // A newer role has come meanwhile: it says what the ISR is.
      if (this.role !== role) return;
      if (written.kind === 'written') {
        logger.info({ topic, partition, from: role.isr, to: isr }, `ISR of ${topic}-${partition} is ${isr.join(',')}`);
        this.role = { ...role, isr, zkVersion: written.zkVersion };
      } else logger.warn({ topic, partition }, 'the ISR was written by somebody else: waiting to be told');
    } catch (error) {
      logger.warn({ topic, partition, err: error }, 'the ISR could not be written');
    } finally {
      if (this.role?.leaderEpoch === role.leaderEpoch) {
        this.pendingIsr = null;
        this.advanceHighWatermark();
      }
    }
  }
}
