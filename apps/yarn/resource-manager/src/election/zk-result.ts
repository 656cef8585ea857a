/** What a failed call to ZooKeeper means to the elector. */
import { ZkResult } from '@menagerie/yarn-core';
import {
  isBadVersion,
  isClosed,
  isConnectionLost,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  isTimeout,
  isZooKeeperError,
} from '@menagerie/zookeeper-client';

export function zkResultOf(error: unknown): ZkResult {
  if (!isZooKeeperError(error)) throw error;
  if (isNodeExists(error)) return ZkResult.NodeExists;
  if (isNoNode(error)) return ZkResult.NoNode;
  if (isBadVersion(error)) return ZkResult.BadVersion;
  if (isSessionLost(error) || isClosed(error)) return ZkResult.SessionLost;
  if (isMaybeDone(error) || isConnectionLost(error) || isTimeout(error)) return ZkResult.Unknown;
  return ZkResult.Refused;
}
