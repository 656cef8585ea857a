/** `GET /broker`, `GET /partitions`: what this broker is and holds, for status tables and people. */
import { Controller, Get, Inject, ServiceUnavailableException } from '@nestjs/common';

import type { Broker } from '../broker.js';
import { KafkaBroker } from '../kafka-broker.service.js';

@Controller()
export class BrokerController {
  constructor(@Inject(KafkaBroker) private readonly kafka: KafkaBroker) {}

  private get broker(): Broker {
    const { broker } = this.kafka;
    if (broker === null) throw new ServiceUnavailableException('the broker is starting');
    return broker;
  }

  @Get('broker')
  describe() {
    const { parts, addresses, epoch } = this.broker;
    const { all } = parts.replicas;
    const led = all.filter(({ isLeader }) => isLeader);
    return {
      id: parts.brokerId,
      clusterId: parts.clusterId,
      epoch: epoch.toString(),
      listeners: addresses,
      controllerId: parts.controller.controllerId,
      /** Those the controller has told of. */
      brokers: parts.cache.brokers.length,
      /** Set only where the controller reigns. */
      controllerEpoch: parts.controller.epoch,
      partitions: all.length,
      leaders: led.length,
      underReplicated: led.filter(({ isr, replicas }) => isr.length < replicas.length).length,
      groups: parts.groups.all.length,
    };
  }

  @Get('partitions')
  partitions() {
    return this.broker.parts.replicas.all.map((partition) => ({
      ...partition.topicPartition,
      role: partition.isLeader ? 'leader' : 'follower',
      leader: partition.leaderId,
      leaderEpoch: partition.leaderEpoch,
      isr: partition.isr,
      logStartOffset: partition.log.logStartOffset,
      highWatermark: partition.log.highWatermark,
      lastStableOffset: partition.log.lastStableOffset,
      logEndOffset: partition.log.logEndOffset,
      sizeBytes: partition.log.sizeBytes,
    }));
  }
}
