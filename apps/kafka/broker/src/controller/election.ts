/**
 * The election of the controller: whoever makes `/controller` while raising `/controller_epoch` by one, in one
 * transaction. The znode version of the epoch is the fence of everything it writes (KafkaController.elect).
 */
import { strict as assert } from 'node:assert';
import {
  CONTROLLER,
  CONTROLLER_EPOCH,
  decodeController,
  decodeControllerEpoch,
  encodeController,
  encodeControllerEpoch,
} from '@menagerie/kafka-core';
import { CreateMode, isBadVersion, isMaybeDone, isNodeExists } from '@menagerie/zookeeper-client';

import { ignore, type KafkaZk } from '../zookeeper/kafka-zk.js';

export interface Victory {
  readonly epoch: number;
  readonly epochZkVersion: number;
}

/** @returns null when somebody else is the controller */
export async function elect(zk: KafkaZk, brokerId: number): Promise<Victory | null> {
  const { client } = zk;
  if ((await client.exists(CONTROLLER)) !== null) return null;
  await client.create(CONTROLLER_EPOCH, encodeControllerEpoch(0)).catch(ignore(isNodeExists));
  const before = await client.getData(CONTROLLER_EPOCH);
  const epoch = decodeControllerEpoch(before.data) + 1;
  try {
    const results = await client.multi([
      { kind: 'create', path: CONTROLLER, data: encodeController(brokerId, Date.now()), mode: CreateMode.ephemeral },
      { kind: 'set-data', path: CONTROLLER_EPOCH, data: encodeControllerEpoch(epoch), version: before.stat.version },
    ]);
    const written = results[1];
    assert(written?.kind === 'set-data');
    return { epoch, epochZkVersion: written.stat.version };
  } catch (error) {
    if (!isNodeExists(error) && !isBadVersion(error) && !isMaybeDone(error)) throw error;
    return wonAfterAll(zk, brokerId, epoch);
  }
}

/** The answer to our own victory may have been lost. */
async function wonAfterAll(zk: KafkaZk, brokerId: number, epoch: number): Promise<Victory | null> {
  const controller = await zk.dataOrNull(CONTROLLER);
  const stored = await zk.dataOrNull(CONTROLLER_EPOCH);
  if (controller === null || stored === null) return null;
  const ours =
    decodeController(controller.data) === brokerId &&
    controller.stat.ephemeralOwner === zk.client.session?.id &&
    decodeControllerEpoch(stored.data) === epoch;
  return ours ? { epoch, epochZkVersion: stored.stat.version } : null;
}
