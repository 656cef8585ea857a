/**
 * Which brokers get the replicas of a new topic (AdminUtils.assignReplicasToBrokers): round robin from a random start,
 * with the followers of each round shifted by one more, so that a broker's load is spread over all when it dies.
 */
import { strict as assert } from 'node:assert';
import { ErrorCode, KafkaAnswerError } from '@menagerie/kafka-protocol';

export interface PlacedBroker {
  readonly id: number;
  readonly rack: string | null;
}

export interface PlacementOptions {
  readonly brokers: readonly PlacedBroker[];
  readonly partitions: number;
  readonly replicationFactor: number;
  /** The number of the first new partition. */
  readonly firstPartition?: number;
  /** Chance: from 0 to the number of brokers, exclusive. */
  readonly startIndex: number;
  readonly startShift: number;
}

/** @throws KafkaAnswerError `INVALID_PARTITIONS`, `INVALID_REPLICATION_FACTOR` */
export function placeReplicas(options: PlacementOptions): ReadonlyMap<number, readonly number[]> {
  const { partitions, replicationFactor, startIndex, startShift, firstPartition = 0 } = options;
  const count = options.brokers.length;
  if (partitions < 1) {
    throw new KafkaAnswerError(ErrorCode.INVALID_PARTITIONS, `expected 1 partition or more, got ${partitions}`);
  }
  if (replicationFactor < 1 || replicationFactor > count) {
    const message = `expected a replication factor of 1 to ${count} (the brokers alive), got ${replicationFactor}`;
    throw new KafkaAnswerError(ErrorCode.INVALID_REPLICATION_FACTOR, message);
  }
  const everybodyHasRack = options.brokers.every(({ rack }) => rack !== null);
  const brokers = everybodyHasRack ? alternateRacks(options.brokers) : byId(options.brokers);
  const rackOf = new Map(brokers.map(({ id, rack }) => [id, everybodyHasRack ? rack : String(id)]));
  const racks = new Set(rackOf.values()).size;
  const placed = new Map<number, readonly number[]>();
  let shift = startShift;
  for (let partition = firstPartition; partition < firstPartition + partitions; partition++) {
    if (partition > firstPartition && partition % count === 0) shift++;
    const first = (partition + startIndex) % count;
    const replicas = [brokers[first]!.id];
    for (let step = 0; replicas.length < replicationFactor; step++) {
      assert(step < count * racks, `a place for replica ${replicas.length} of partition ${partition}`);
      const broker = brokers[(first + 1 + ((shift * racks + step) % (count - 1))) % count]!.id;
      if (replicas.includes(broker)) continue;
      // A rack twice only when each has one.
      const used = new Set(replicas.map((id) => rackOf.get(id)));
      if (used.has(rackOf.get(broker)) && used.size < racks) continue;
      replicas.push(broker);
    }
    placed.set(partition, replicas);
  }
  return placed;
}

const byId = (brokers: readonly PlacedBroker[]) => [...brokers].sort((a, b) => a.id - b.id);

/** One of each rack in turn. */
function alternateRacks(brokers: readonly PlacedBroker[]): readonly PlacedBroker[] {
  const racks = new Map<string, PlacedBroker[]>();
  for (const broker of byId(brokers)) racks.set(broker.rack!, [...(racks.get(broker.rack!) ?? []), broker]);
  const queues = [...racks].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, queue]) => queue);
  const longest = Math.max(...queues.map((queue) => queue.length));
  return Array.from({ length: longest }, (_, round) => queues.flatMap((queue) => queue[round] ?? [])).flat();
}
