/** Where the election happens, and the check that the place is ours. */
import { type ActiveRmInfo, decodeActiveRmInfo, YarnRecordError } from '@menagerie/yarn-protocol';

export interface ElectionPaths {
  readonly parent: string;
  readonly lock: string;
  readonly breadcrumb: string;
}

/** `yarn.resourcemanager.ha.automatic-failover.zk-base-path`. */
export const DEFAULT_ELECTION_BASE = '/yarn-leader-election';

export function electionPaths(clusterId: string, base = DEFAULT_ELECTION_BASE): ElectionPaths {
  const parent = `${base}/${clusterId}`;
  return { parent, lock: `${parent}/ActiveStandbyElectorLock`, breadcrumb: `${parent}/ActiveBreadCrumb` };
}

/**
 * Looks at the lock that was found at start (`isParentZnodeSafe`).
 *
 * @throws YarnRecordError `YARN_FOREIGN_CLUSTER` when a ResourceManager of another cluster holds it
 */
export function checkLockData(data: Uint8Array, lockPath: string, clusterId: string): ActiveRmInfo {
  const info = decodeActiveRmInfo(data, lockPath);
  if (info.clusterId !== clusterId) {
    const got = `${info.rmId} of cluster ${info.clusterId}`;
    throw new YarnRecordError(
      'YARN_FOREIGN_CLUSTER',
      `${lockPath}: expected a ResourceManager of cluster ${clusterId}, got ${got}`,
    );
  }
  return info;
}
