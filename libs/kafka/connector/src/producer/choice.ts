/** Which broker a producer writes to: the two ways that Kafka began with, as functions of what each can know. */
import { partitionForKey } from '@menagerie/kafka-core';

export interface LedPartition {
  readonly partition: number;
  /** -1 while there is none. */
  readonly leader: number;
}

/**
 * By the producer's own address, like a load balancer of layer 4: always the same broker for the same producer, whoever
 * is alive and however much it sends. Brokers in the order of their list.
 */
export function brokerByAddress<B>(source: string, brokers: readonly B[]): B {
  if (brokers.length === 0) throw new RangeError('expected at least one broker, got none');
  return brokers[partitionForKey(source, brokers.length)]!;
}

/** The next partition in turn that somebody alive leads; null when there is none. */
export function nextPartition(
  partitions: readonly LedPartition[],
  alive: (brokerId: number) => boolean,
  turn: number,
): LedPartition | null {
  const open = partitions.filter(({ leader }) => leader >= 0 && alive(leader));
  return open.length === 0 ? null : open[turn % open.length]!;
}
