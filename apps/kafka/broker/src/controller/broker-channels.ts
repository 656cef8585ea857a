/** What the controller tells brokers, gathered by broker: LeaderAndIsr first, then UpdateMetadata, then StopReplica. */
import type { ControllerContext, LiveBroker, PartitionInfo } from '@menagerie/kafka-core';
import {
  leaderAndIsrApi,
  type RequestOf,
  type ResponseOf,
  stopReplicaApi,
  updateMetadataApi,
} from '@menagerie/kafka-protocol';
import type { Logger } from '@menagerie/service';

import { SECURITY_PROTOCOLS } from '../config/listeners.js';
import { BrokerChannel } from './broker-channel.js';

/** The leader in the metadata of a topic that is being deleted (LeaderAndIsr.LeaderDuringDelete). */
const LEADER_DURING_DELETE = -2;
/** Kafka's ids of security protocols. */
const SECURITY_PROTOCOL_IDS: Readonly<Record<string, number>> = {
  PLAINTEXT: 0,
  SSL: 1,
  SASL_PLAINTEXT: 2,
  SASL_SSL: 3,
};

type PartitionRole = RequestOf<typeof leaderAndIsrApi>['topics'][number]['partitions'][number];
type PartitionMetadata = RequestOf<typeof updateMetadataApi>['topics'][number]['partitions'][number];
export type StopAnswer = ResponseOf<typeof stopReplicaApi>;

export interface ChannelsOptions {
  readonly context: ControllerContext;
  readonly interBrokerListener: string;
  readonly logger: Logger;
  readonly onDeposed: () => void;
}

export class BrokerChannels {
  private readonly channels = new Map<number, BrokerChannel>();

  constructor(private readonly options: ChannelsOptions) {}

  open(broker: LiveBroker): void {
    this.close(broker.id);
    const endpoint = this.endpointOf(broker);
    if (endpoint === null) return;
    const { context, logger, onDeposed } = this.options;
    const { host, port } = endpoint;
    const clientId = `controller-${context.brokerId}`;
    this.channels.set(broker.id, new BrokerChannel({ brokerId: broker.id, host, port, clientId, logger, onDeposed }));
  }

  close(brokerId: number): void {
    this.channels.get(brokerId)?.close();
    this.channels.delete(brokerId);
  }

  closeAll(): void {
    for (const id of [...this.channels.keys()]) this.close(id);
  }

  private endpointOf(broker: LiveBroker): { readonly host: string; readonly port: number } | null {
    return broker.endpoints.find(({ listener }) => listener === this.options.interBrokerListener) ?? null;
  }

  private head(brokerId: number) {
    const { context } = this.options;
    const brokerEpoch = Number(context.live.get(brokerId)?.epoch ?? -1n);
    return { controllerId: context.brokerId, controllerEpoch: context.epoch, brokerEpoch };
  }

  /** Tells every live replica of these partitions, or only some brokers, who leads them. */
  leaderAndIsr(
    infos: Iterable<PartitionInfo>,
    options: { readonly to?: ReadonlySet<number>; readonly isNew?: (info: PartitionInfo, brokerId: number) => boolean },
  ): void {
    const roles = new Map<number, Map<string, PartitionRole[]>>();
    const leaders = new Map<number, Set<number>>();
    for (const info of infos) {
      const { leaderIsr, assignment } = info;
      if (leaderIsr === null) continue;
      for (const id of assignment.replicas) {
        if (!this.channels.has(id) || options.to?.has(id) === false) continue;
        const role = {
          partitionIndex: info.partition,
          controllerEpoch: leaderIsr.controllerEpoch,
          leader: leaderIsr.leader,
          leaderEpoch: leaderIsr.leaderEpoch,
          isr: leaderIsr.isr,
          zkVersion: leaderIsr.zkVersion,
          replicas: assignment.replicas,
          isNew: options.isNew?.(info, id) ?? false,
        };
        push(roles, id, info.topic, role);
        if (!leaders.has(id)) leaders.set(id, new Set());
        leaders.get(id)!.add(leaderIsr.leader);
      }
    }
    for (const [id, topics] of roles) {
      const liveLeaders = [...leaders.get(id)!].flatMap((leader) => {
        const broker = this.options.context.live.get(leader);
        const endpoint = broker === undefined ? null : this.endpointOf(broker);
        return endpoint === null ? [] : [{ brokerId: leader, host: endpoint.host, port: endpoint.port }];
      });
      this.channels.get(id)!.send(leaderAndIsrApi, { ...this.head(id), topics: listed(topics), liveLeaders });
    }
  }

  /** Tells all live brokers, or only some, about these partitions and about who is alive. */
  updateMetadata(infos: Iterable<PartitionInfo>, to?: ReadonlySet<number>): void {
    const { context } = this.options;
    const topics = new Map<string, PartitionMetadata[]>();
    for (const info of infos) {
      const { leaderIsr } = info;
      if (leaderIsr === null && !context.deleting.has(info.topic)) continue;
      const metadata = {
        partitionIndex: info.partition,
        controllerEpoch: leaderIsr?.controllerEpoch ?? context.epoch,
        leader: context.deleting.has(info.topic) ? LEADER_DURING_DELETE : leaderIsr!.leader,
        leaderEpoch: leaderIsr?.leaderEpoch ?? 0,
        isr: leaderIsr?.isr ?? [],
        zkVersion: leaderIsr?.zkVersion ?? -1,
        replicas: info.assignment.replicas,
        offlineReplicas: context.offlineReplicas(info),
      };
      const known = topics.get(info.topic);
      if (known === undefined) topics.set(info.topic, [metadata]);
      else known.push(metadata);
    }
    const liveBrokers = [...context.live.values()].map(({ id, endpoints, rack }) => ({
      id,
      endpoints: endpoints.map(({ host, port, listener, securityProtocol }) => ({
        host,
        port,
        listener,
        securityProtocol: SECURITY_PROTOCOL_IDS[securityProtocol] ?? SECURITY_PROTOCOLS.length,
      })),
      rack,
    }));
    const body = { topics: listed(topics), liveBrokers };
    for (const [id, channel] of this.channels) {
      if (to?.has(id) !== false) channel.send(updateMetadataApi, { ...this.head(id), ...body });
    }
  }

  /** @returns whether there is somebody to tell */
  stopReplicas(
    brokerId: number,
    partitions: Iterable<{ readonly topic: string; readonly partition: number }>,
    deletePartitions: boolean,
    onAnswer?: (answer: StopAnswer) => void,
  ): boolean {
    const channel = this.channels.get(brokerId);
    if (channel === undefined) return false;
    const topics = new Map<string, number[]>();
    for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
    const list = [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
    channel.send(stopReplicaApi, { ...this.head(brokerId), deletePartitions, topics: list }, onAnswer);
    return true;
  }
}

function push(map: Map<number, Map<string, PartitionRole[]>>, id: number, topic: string, role: PartitionRole): void {
  let topics = map.get(id);
  if (topics === undefined) map.set(id, (topics = new Map()));
  const known = topics.get(topic);
  if (known === undefined) topics.set(topic, [role]);
  else known.push(role);
}

const listed = <T>(topics: ReadonlyMap<string, readonly T[]>) =>
  [...topics].map(([name, partitions]) => ({ name, partitions }));
