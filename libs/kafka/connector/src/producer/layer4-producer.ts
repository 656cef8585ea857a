/**
 * A producer behind a layer-4 balancer: one broker, found by the producer's own address, for good. It needs no ZooKeeper
 * and no second connection; it does not see brokers come and go, and how much each producer sends is balanced by nobody.
 */
import { metadataApi } from '@menagerie/kafka-protocol';

import { ConnectorError } from '../errors.js';
import { type Address, BrokerLinks } from '../net/broker-links.js';
import { brokerByAddress } from './choice.js';
import { produce } from './produce.js';

const ANSWER_MS = 5_000;

export interface Layer4Options {
  /** `10.0.0.7:40213`: where the producer is. */
  readonly source: string;
  /** As the balancer has them, in its order. */
  readonly brokers: readonly Address[];
}

export class Layer4Producer {
  /** Where all that it sends goes. */
  readonly broker: Address;
  private readonly links: BrokerLinks;
  private turn = 0;

  constructor({ source, brokers }: Layer4Options) {
    this.broker = brokerByAddress(source, brokers);
    this.links = new BrokerLinks(`layer4-${source}`);
  }

  /** Into partitions that its broker leads, in turn. @throws ConnectorError, PeerError when the broker is not there */
  async send(topic: string, values: readonly Buffer[]): Promise<void> {
    const led = await this.ledByBroker(topic);
    if (led.length === 0) {
      const { host, port } = this.broker;
      throw new ConnectorError('KAFKA_NOTHING_LED', `${host}:${port} leads no partition of ${topic}`, true);
    }
    const partition = led[this.turn++ % led.length]!;
    await produce(this.links, this.broker, { topic, partition }, values);
  }

  private async ledByBroker(topic: string): Promise<readonly number[]> {
    const request = {
      topics: [{ name: topic }],
      allowAutoTopicCreation: false,
      includeClusterAuthorizedOperations: false,
      includeTopicAuthorizedOperations: false,
    };
    const { host, port } = this.broker;
    const { brokers, topics } = await this.links.request(this.broker, metadataApi, request, ANSWER_MS);
    const self = brokers.find((each) => each.host === host && each.port === port)?.nodeId;
    const partitions = topics[0]?.partitions ?? [];
    return partitions.filter(({ leaderId }) => leaderId === self).map(({ partitionIndex }) => partitionIndex);
  }

  close(): void {
    this.links.close();
  }
}
