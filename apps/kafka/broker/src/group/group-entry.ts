/** A group with its offsets, as one coordinator holds them in memory; the log has the same. */
import { type CommittedOffset, type Group, GroupState, type TopicPartition } from '@menagerie/kafka-core';

export interface NamedOffset extends TopicPartition {
  readonly committed: CommittedOffset;
}

const keyOf = ({ topic, partition }: TopicPartition) => `${topic}/${partition}`;

export class GroupEntry {
  private readonly offsets = new Map<string, NamedOffset>();
  /** By producer id: what its transaction will commit. */
  private readonly pending = new Map<number, Map<string, NamedOffset>>();
  /** When the group was last seen with members; its offsets are kept for a while after that. */
  lastActiveMs: number;

  constructor(
    readonly group: Group,
    nowMs: number,
  ) {
    this.lastActiveMs = nowMs;
  }

  get all(): readonly NamedOffset[] {
    return [...this.offsets.values()];
  }

  get(at: TopicPartition): CommittedOffset | null {
    return this.offsets.get(keyOf(at))?.committed ?? null;
  }

  set(offset: NamedOffset): void {
    this.offsets.set(keyOf(offset), offset);
  }

  forget(at: TopicPartition): void {
    this.offsets.delete(keyOf(at));
  }

  setPending(producerId: number, offset: NamedOffset): void {
    let its = this.pending.get(producerId);
    if (its === undefined) this.pending.set(producerId, (its = new Map()));
    its.set(keyOf(offset), offset);
  }

  get hasPending(): boolean {
    return this.pending.size > 0;
  }

  endTransaction(producerId: number, committed: boolean): void {
    const its = this.pending.get(producerId);
    this.pending.delete(producerId);
    if (committed) for (const offset of its?.values() ?? []) this.set(offset);
  }

  get isForgettable(): boolean {
    return this.group.state === GroupState.empty && this.offsets.size === 0 && this.pending.size === 0;
  }
}
