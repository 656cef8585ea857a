/** A leader's way to write its ISR: to the partition's znode, on the condition of its version (before KIP-497). */
import type { LeaderIsr, TopicPartition } from '@menagerie/kafka-core';
import { isBadVersion } from '@menagerie/zookeeper-client';

import type { KafkaZk } from '../zookeeper/kafka-zk.js';

/** Kafka's ReplicaManager.IsrChangePropagation*: told when changes have calmed down, at the latest after a minute. */
const QUIET_MS = 5_000;
const LATEST_MS = 60_000;
const TICK_MS = 2_500;

export type IsrWrite =
  | { readonly kind: 'written'; readonly zkVersion: number }
  /** Somebody else wrote, the controller most likely: what it says comes by LeaderAndIsr. */
  | { readonly kind: 'outdated' };

/** Ours, of this leader epoch, stands under a version that we were never told. */
class EarlierWriteError extends Error {
  constructor(readonly zkVersion: number) {
    super(`expected an older version than ${zkVersion}`);
  }
}

const isSameIsr = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((id, index) => id === b[index]);

export class IsrStore {
  private readonly changed = new Map<string, TopicPartition>();
  private firstChangeMs = 0;
  private lastChangeMs = 0;
  private readonly timer: NodeJS.Timeout;

  constructor(private readonly zk: KafkaZk) {
    this.timer = setInterval(() => void this.propagate(performance.now()), TICK_MS);
  }

  /**
   * A version that does not fit is looked into before it is believed: the write whose answer was lost is our own, and
   * waiting for somebody to tell us of it would be for ever (KAFKA-2729). It may also be an earlier one, of another ISR,
   * after which nothing could be asked either; whatever stands there in our leader epoch is ours, since a controller that
   * writes begins a new one.
   */
  async write(partition: TopicPartition, state: LeaderIsr, zkVersion: number): Promise<IsrWrite> {
    try {
      return await this.tryWrite(partition, state, zkVersion);
    } catch (error) {
      if (!(error instanceof EarlierWriteError)) throw error;
      return this.tryWrite(partition, state, error.zkVersion);
    }
  }

  private async tryWrite(partition: TopicPartition, state: LeaderIsr, zkVersion: number): Promise<IsrWrite> {
    try {
      const written = await this.zk.setPartitionState(partition, state, zkVersion);
      this.note(partition);
      return { kind: 'written', zkVersion: written };
    } catch (error) {
      const stored = await this.zk.partitionState(partition);
      const isOurs = stored?.leader === state.leader && stored.leaderEpoch === state.leaderEpoch;
      if (isOurs && isSameIsr(stored.isr, state.isr)) return { kind: 'written', zkVersion: stored.zkVersion };
      if (!isBadVersion(error)) throw error;
      if (isOurs && stored.zkVersion > zkVersion) throw new EarlierWriteError(stored.zkVersion);
      return { kind: 'outdated' };
    }
  }

  private note({ topic, partition }: TopicPartition): void {
    const nowMs = performance.now();
    if (this.changed.size === 0) this.firstChangeMs = nowMs;
    this.lastChangeMs = nowMs;
    this.changed.set(`${topic}-${partition}`, { topic, partition });
  }

  private async propagate(nowMs: number): Promise<void> {
    const due = nowMs - this.lastChangeMs >= QUIET_MS || nowMs - this.firstChangeMs >= LATEST_MS;
    if (this.changed.size === 0 || !due) return;
    const partitions = [...this.changed.values()];
    this.changed.clear();
    try {
      await this.zk.notifyIsrChange(partitions);
    } catch {
      // Without ZooKeeper nobody can be told now; the next tick tries again.
      for (const each of partitions) this.note(each);
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}
