/**
 * A controller's writes: each one on the condition that `/controller_epoch` still has the version of its own election, so
 * that a controller that was deposed while it was away changes nothing (KAFKA-6082).
 */
import {
  CONTROLLER_EPOCH,
  encodePartitionState,
  encodeTopic,
  type LeaderChange,
  partitionPath,
  partitionsPath,
  partitionStatePath,
  type PartitionInfo,
  type ReplicaAssignment,
  type StoredLeaderIsr,
  topicPath,
} from '@menagerie/kafka-core';
import {
  isBadVersion,
  isMaybeDone,
  isMultiError,
  isNodeExists,
  isNoNode,
  type MultiOp,
  type MultiResult,
} from '@menagerie/zookeeper-client';

import { ControllerMovedError } from '../errors.js';
import type { KafkaZk } from '../zookeeper/kafka-zk.js';
import { forEachBounded } from '../zookeeper/limits.js';

/** A multi whose answer is lost is looked after; so often in a row it is something else. */
const MAX_TRIES = 5;

export class FencedZk {
  constructor(
    readonly zk: KafkaZk,
    private readonly controllerEpoch: number,
    private readonly epochZkVersion: number,
  ) {}

  /** @throws ControllerMovedError, or what ZooKeeper says about the operations themselves */
  async multi(ops: readonly MultiOp[]): Promise<readonly MultiResult[]> {
    try {
      const fence: MultiOp = { kind: 'check', path: CONTROLLER_EPOCH, version: this.epochZkVersion };
      return (await this.zk.client.multi([fence, ...ops])).slice(1);
    } catch (error) {
      if (isMultiError(error) && error.failedIndex === 0) throw new ControllerMovedError();
      throw error;
    }
  }

  async set(path: string, data: Buffer): Promise<void> {
    await this.multi([{ kind: 'set-data', path, data }]);
  }

  /** Nothing if it is gone already. */
  async delete(path: string): Promise<void> {
    await this.multi([{ kind: 'delete', path }]).catch((error: unknown) => {
      if (!isNoNode(error)) throw error;
    });
  }

  async setAssignment(topic: string, infos: Iterable<PartitionInfo>): Promise<void> {
    const assignment = new Map<number, ReplicaAssignment>();
    for (const info of infos) assignment.set(info.partition, info.assignment);
    await this.set(topicPath(topic), encodeTopic(assignment));
  }

  /**
   * Writes leaderships. What was written, or what stands there instead, is taken into the infos.
   *
   * @returns the changes that were made; the others lost against a leader's own write, and are to be decided again
   * @throws ControllerMovedError
   */
  async writeLeaders(changes: readonly LeaderChange[]): Promise<readonly LeaderChange[]> {
    const fresh = new Set(changes.filter((change) => change.zkVersion === null).map(({ info }) => info.topic));
    await forEachBounded([...fresh], (topic) => this.makeEmpty(partitionsPath(topic)));
    const made = await forEachBounded(changes, (change) => this.writeLeader(change));
    return changes.filter((_, index) => made[index]);
  }

  private async makeEmpty(path: string): Promise<void> {
    await this.multi([{ kind: 'create', path }]).catch((error: unknown) => {
      if (!isNodeExists(error)) throw error;
    });
  }

  private async writeLeader(change: LeaderChange): Promise<boolean> {
    const { info, next, zkVersion } = change;
    const data = encodePartitionState(next);
    const path = partitionStatePath(info.topic, info.partition);
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      try {
        if (zkVersion === null) {
          await this.makeEmpty(partitionPath(info.topic, info.partition));
          await this.multi([{ kind: 'create', path, data }]);
          info.leaderIsr = { ...next, zkVersion: 0 };
        } else {
          const [written] = await this.multi([{ kind: 'set-data', path, data, version: zkVersion }]);
          info.leaderIsr = { ...next, zkVersion: written?.kind === 'set-data' ? written.stat.version : zkVersion + 1 };
        }
        return true;
      } catch (error) {
        if (isMaybeDone(error)) {
          const stored = await this.reread(info);
          if (stored !== null && isSame(stored, change)) return true;
          if (stored?.zkVersion === (zkVersion ?? undefined)) continue;
          return false;
        }
        if (!isBadVersion(error) && !isNodeExists(error)) throw error;
        await this.reread(info);
        return false;
      }
    }
    return false;
  }

  /** Takes what the znode says into the info. @throws ControllerMovedError when a later controller wrote it */
  async reread(info: PartitionInfo): Promise<StoredLeaderIsr | null> {
    const stored = await this.zk.partitionState(info);
    if (stored !== null && stored.controllerEpoch > this.controllerEpoch) throw new ControllerMovedError();
    info.leaderIsr = stored;
    return stored;
  }
}

const isSame = (stored: StoredLeaderIsr, { next }: LeaderChange): boolean =>
  stored.leader === next.leader &&
  stored.leaderEpoch === next.leaderEpoch &&
  stored.controllerEpoch === next.controllerEpoch;
