/**
 * What a controller knows of the cluster, as it read it from ZooKeeper and has changed it since (ControllerContext).
 * Leadership is known as it was last written: nothing is decided on what is only hoped for.
 */
import type { BrokerNode } from '../znodes/broker-node.js';
import { type LeaderIsr, NO_LEADER, type ReplicaAssignment } from '../znodes/topic-node.js';
import type { TopicPartition } from '../znodes/small-nodes.js';

/** Leadership with the version of the znode that holds it: the condition of the next write. */
export interface StoredLeaderIsr extends LeaderIsr {
  readonly zkVersion: number;
}

export interface LiveBroker extends BrokerNode {
  /** The czxid of its znode (KIP-380). */
  readonly epoch: bigint;
}

export interface PartitionInfo extends TopicPartition {
  assignment: ReplicaAssignment;
  /** Null until the first leader is written. */
  leaderIsr: StoredLeaderIsr | null;
}

/** Online: a live broker leads. Offline: nobody does. New: nobody ever did (PartitionStateMachine). */
export type PartitionState = 'New' | 'Online' | 'Offline';

export class ControllerContext {
  readonly live = new Map<number, LiveBroker>();
  /** Asked to be relieved of their leaderships. */
  readonly shuttingDown = new Set<number>();
  readonly topics = new Map<string, Map<number, PartitionInfo>>();
  /** To be deleted, and no longer led by anybody in what clients are told. */
  readonly deleting = new Set<string>();

  constructor(
    readonly brokerId: number,
    readonly epoch: number,
  ) {}

  readonly isLive = (brokerId: number): boolean => this.live.has(brokerId);

  *partitions(): Generator<PartitionInfo> {
    for (const partitions of this.topics.values()) yield* partitions.values();
  }

  partition({ topic, partition }: TopicPartition): PartitionInfo | undefined {
    return this.topics.get(topic)?.get(partition);
  }

  stateOf({ leaderIsr }: PartitionInfo): PartitionState {
    if (leaderIsr === null) return 'New';
    return leaderIsr.leader !== NO_LEADER && this.isLive(leaderIsr.leader) ? 'Online' : 'Offline';
  }

  /** Takes a topic's assignment in. @returns partitions that are new */
  setAssignment(topic: string, assignment: ReadonlyMap<number, ReplicaAssignment>): readonly PartitionInfo[] {
    let known = this.topics.get(topic);
    if (known === undefined) this.topics.set(topic, (known = new Map()));
    const added: PartitionInfo[] = [];
    for (const [partition, replicas] of assignment) {
      const info = known.get(partition);
      if (info !== undefined) info.assignment = replicas;
      else {
        const fresh: PartitionInfo = { topic, partition, assignment: replicas, leaderIsr: null };
        known.set(partition, fresh);
        added.push(fresh);
      }
    }
    return added;
  }

  *partitionsOn(brokerId: number): Generator<PartitionInfo> {
    for (const info of this.partitions()) if (info.assignment.replicas.includes(brokerId)) yield info;
  }

  *partitionsLedBy(brokerId: number): Generator<PartitionInfo> {
    for (const info of this.partitions()) if (info.leaderIsr?.leader === brokerId) yield info;
  }

  offlineReplicas({ assignment }: PartitionInfo): readonly number[] {
    return assignment.replicas.filter((id) => !this.isLive(id));
  }
}
