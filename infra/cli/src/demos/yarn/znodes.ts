/** What the demos read of YARN in ZooKeeper: the lock, the fence, the epoch, the applications. Never written here. */
import { findProcess, type Plan } from '@menagerie/topology';
import { electionPaths, StoreLayout } from '@menagerie/yarn-core';
import {
  type ApplicationRecord,
  decodeActiveRmInfo,
  decodeApplicationRecord,
  decodeEpoch,
} from '@menagerie/yarn-protocol';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';

const layout = new StoreLayout();

export interface LockView {
  /** Who holds it: `rm1`. */
  readonly rmId: string;
  /** The session that it lives with. */
  readonly sessionId: bigint;
  /** Its creation: another one means that it was let go and taken again. */
  readonly czxid: bigint;
}

/** @returns undefined while nobody holds the lock */
export async function readLock(zk: ZooKeeperClient, plan: Plan): Promise<LockView | undefined> {
  const clusterId = findProcess(plan, 'rm1').environment['YARN_CLUSTER_ID'] ?? '';
  const { lock } = electionPaths(clusterId);
  try {
    const { data, stat } = await zk.getData(lock);
    const { rmId } = decodeActiveRmInfo(data, lock);
    return { rmId, sessionId: stat.ephemeralOwner, czxid: stat.czxid };
  } catch (error) {
    if (isNoNode(error)) return undefined;
    throw error;
  }
}

export interface FenceView {
  /** The digest id that alone may create and delete: another one for each process that has been active. */
  readonly holder: string;
  /** How often the ACL of the root was set. */
  readonly aclVersion: number;
  /** Grows by two with each transaction of the store: the fencing node comes and goes. */
  readonly childChanges: number;
}

export async function readFence(zk: ZooKeeperClient): Promise<FenceView> {
  const { acl, stat } = await zk.getAcl(layout.root);
  const holder = acl.find(({ id }) => id.scheme === 'digest')?.id.id ?? '';
  return { holder, aclVersion: stat.aversion, childChanges: stat.cversion };
}

export async function readEpoch(zk: ZooKeeperClient): Promise<number> {
  const { data } = await zk.getData(layout.epoch);
  return decodeEpoch(data, layout.epoch);
}

/** @returns undefined when the store does not know the application */
export async function readApplication(zk: ZooKeeperClient, id: string): Promise<ApplicationRecord | undefined> {
  const { path } = layout.application(id);
  try {
    const { data } = await zk.getData(path);
    return decodeApplicationRecord(data, path);
  } catch (error) {
    if (isNoNode(error)) return undefined;
    throw error;
  }
}
