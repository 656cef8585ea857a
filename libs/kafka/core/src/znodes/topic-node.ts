/** `/brokers/topics/T`: who holds a copy of what (TopicZNode), and `.../partitions/P/state`: who leads it. */
import { encodeJson, JsonNode } from './json.js';
import { partitionStatePath, topicPath } from './paths.js';

/** The replicas of one partition; the first is the preferred leader. */
export interface ReplicaAssignment {
  readonly replicas: readonly number[];
  /** Being added by a reassignment; a part of `replicas`. */
  readonly adding: readonly number[];
  /** To go when it is done; a part of `replicas`. */
  readonly removing: readonly number[];
}

export type TopicAssignment = ReadonlyMap<number, ReplicaAssignment>;

/** Version 2 carries reassignments (KIP-455). */
const TOPIC_VERSION = 2;

export const assignmentOf = (replicas: readonly number[]): ReplicaAssignment => ({
  replicas,
  adding: [],
  removing: [],
});

export function encodeTopic(assignment: TopicAssignment): Buffer {
  const entries = [...assignment];
  const map = (pick: (each: ReplicaAssignment) => readonly number[]) =>
    Object.fromEntries(
      entries
        .map(([partition, each]) => [String(partition), pick(each)] as const)
        .filter(([, brokers]) => brokers.length > 0),
    );
  return encodeJson({
    version: TOPIC_VERSION,
    partitions: Object.fromEntries(entries.map(([partition, each]) => [String(partition), each.replicas])),
    adding_replicas: map((each) => each.adding),
    removing_replicas: map((each) => each.removing),
  });
}

/** @throws ZnodeError */
export function decodeTopic(topic: string, data: Buffer): TopicAssignment {
  const json = new JsonNode(topicPath(topic), data);
  const adding = json.assignments('adding_replicas');
  const removing = json.assignments('removing_replicas');
  return new Map(
    [...json.assignments('partitions')]
      .sort(([a], [b]) => a - b)
      .map(([partition, replicas]) => [
        partition,
        { replicas, adding: adding.get(partition) ?? [], removing: removing.get(partition) ?? [] },
      ]),
  );
}

/** No broker leads. */
export const NO_LEADER = -1;

export interface LeaderIsr {
  /** `NO_LEADER` while the partition is offline. */
  readonly leader: number;
  /** One more with each change of leader or ISR by the controller. */
  readonly leaderEpoch: number;
  /** In sync with the leader, itself included. */
  readonly isr: readonly number[];
  /** Of the controller that wrote it. */
  readonly controllerEpoch: number;
}

export const encodePartitionState = ({ leader, leaderEpoch, isr, controllerEpoch }: LeaderIsr): Buffer =>
  encodeJson({ controller_epoch: controllerEpoch, leader, version: 1, leader_epoch: leaderEpoch, isr });

/** @throws ZnodeError */
export function decodePartitionState(topic: string, partition: number, data: Buffer): LeaderIsr {
  const json = new JsonNode(partitionStatePath(topic, partition), data);
  return {
    leader: json.int('leader'),
    leaderEpoch: json.int('leader_epoch'),
    isr: json.ints('isr'),
    controllerEpoch: json.int('controller_epoch'),
  };
}
