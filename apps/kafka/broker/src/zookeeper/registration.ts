/**
 * `/brokers/ids/N`: says that we are alive, for as long as our session is (KafkaZkClient.registerBroker).
 *
 * The node is made together with a first write, whose answer carries its czxid, the broker's epoch. If there is one already
 * it may be ours: of this session, when the answer was lost, or of an earlier one that the ensemble has not ended yet
 * (KAFKA-7165, ZOOKEEPER-2985). Anybody else's is waited for until its session must be over.
 */
import { brokerPath } from '@menagerie/kafka-core';
import { CreateMode, isNodeExists, isNoNode, isZooKeeperError } from '@menagerie/zookeeper-client';
import { setTimeout as sleep } from 'node:timers/promises';

import { idTaken } from '../errors.js';
import { ignore, type KafkaZk } from './kafka-zk.js';

const RETRY_MS = 200;

export interface RegistrationOptions {
  readonly brokerId: number;
  readonly data: Buffer;
  /** Sessions that this process had before. */
  readonly earlierSessions: ReadonlySet<bigint>;
  /** How long a node that is not ours may stay. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

/** @returns the broker's epoch. @throws BrokerError `KAFKA_BROKER_ID_TAKEN` */
export async function register(zk: KafkaZk, options: RegistrationOptions): Promise<bigint> {
  const { brokerId, data, earlierSessions, waitMs, signal } = options;
  const path = brokerPath(brokerId);
  const deadline = performance.now() + waitMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      const results = await zk.client.multi([
        { kind: 'create', path, data, mode: CreateMode.ephemeral },
        { kind: 'set-data', path, data, version: 0 },
      ]);
      const written = results[1];
      if (written?.kind === 'set-data') return written.stat.czxid;
    } catch (error) {
      if (!isNodeExists(error) && !(isZooKeeperError(error) && error.retryable)) throw error;
    }
    const stat = await zk.client.exists(path);
    if (stat === null) continue;
    if (stat.ephemeralOwner === zk.client.session?.id) return stat.czxid;
    if (earlierSessions.has(stat.ephemeralOwner)) {
      await zk.client.delete(path, { version: stat.version }).catch(ignore(isNoNode));
      continue;
    }
    if (performance.now() >= deadline) throw idTaken(brokerId);
    await sleep(RETRY_MS, undefined, { signal });
  }
}
