/** One batch to one leader, acknowledged by all in sync. */
import { buildBatch, ErrorCode, errorName, produceApi } from '@menagerie/kafka-protocol';
import type { TopicPartition } from '@menagerie/kafka-core';

import { ConnectorError } from '../errors.js';
import type { Address, BrokerLinks } from '../net/broker-links.js';

const TIMEOUT_MS = 10_000;
const ALL_IN_SYNC = -1;

/** @returns the offset of the first. @throws ConnectorError, PeerError */
export async function produce(
  links: BrokerLinks,
  address: Address,
  { topic, partition }: TopicPartition,
  values: readonly Buffer[],
): Promise<number> {
  const nowMs = Date.now();
  const records = buildBatch(values.map((value) => ({ key: null, value, timestamp: nowMs })));
  const request = {
    transactionalId: null,
    acks: ALL_IN_SYNC,
    timeoutMs: TIMEOUT_MS,
    topics: [{ name: topic, partitions: [{ partitionIndex: partition, records }] }],
  };
  const answer = await links.request(address, produceApi, request, 2 * TIMEOUT_MS);
  const result = answer.topics[0]?.partitions[0];
  if (result?.errorCode === ErrorCode.NONE) return result.baseOffset;
  const problem = result === undefined ? 'nothing' : errorName(result.errorCode);
  throw new ConnectorError('KAFKA_NOT_WRITTEN', `${topic}-${partition}: expected an offset, got ${problem}`, true);
}
