/** What YARN says of itself: who is active, which nodes it has, how many applications. */
import { parseRmAddresses, YarnClient } from '@menagerie/yarn-client';
import { findGroup, NODE_MANAGER, type Plan, RESOURCE_MANAGER } from '@menagerie/topology';

import type { NodeManagerStatus, ResourceManagerStatus, YarnStatus } from './model.js';

const CALL_TIMEOUT_MS = 3_000;

/** @returns a client that knows the ResourceManagers of the plan */
export function yarnClient(plan: Plan): YarnClient {
  const addresses = findGroup(plan, RESOURCE_MANAGER).processes.map(
    ({ id, host, ports }) => `${id}=${host}:${ports['http']}`,
  );
  return new YarnClient({ addresses: parseRmAddresses(addresses.join(',')) });
}

export async function yarnStatus(plan: Plan): Promise<YarnStatus> {
  const client = yarnClient(plan);
  const reports = await client.haReports({ timeoutMs: CALL_TIMEOUT_MS });
  const resourceManagers = reports.map((report): ResourceManagerStatus => {
    const { rmId: id, address } = report.rm;
    const url = `http://${address}`;
    if (!('info' in report)) return { id, url, problem: report.error.message };
    const { haState, haZooKeeperConnectionState: zooKeeper, epoch } = report.info;
    return { id, url, haState, zooKeeper, ...(epoch === null ? {} : { epoch }) };
  });
  const planned = findGroup(plan, NODE_MANAGER).processes.map(({ id, host, ports }) => ({
    id,
    address: `${host}:${ports['http']}`,
  }));
  const unknown = planned.map(({ id, address }): NodeManagerStatus => ({ id, url: `http://${address}` }));
  if (!resourceManagers.some(({ haState }) => haState === 'ACTIVE')) return { resourceManagers, nodeManagers: unknown };
  try {
    const options = { deadlineMs: CALL_TIMEOUT_MS };
    const [nodes, metrics] = await Promise.all([client.nodes(options), client.metrics(options)]);
    const nodeManagers = planned.map(({ id, address }): NodeManagerStatus => {
      const url = `http://${address}`;
      const node = nodes.find(({ nodeHTTPAddress }) => nodeHTTPAddress === address);
      if (node === undefined) return { id, url };
      const { state: nodeState, numContainers: containers, usedMemoryMB: usedMemoryMb, availMemoryMB } = node;
      return { id, url, nodeState, containers, usedMemoryMb, memoryMb: usedMemoryMb + availMemoryMB };
    });
    const { appsRunning: running, appsPending: pending, appsCompleted: completed, appsFailed: failed } = metrics;
    return { resourceManagers, nodeManagers, apps: { running, pending, completed, failed } };
  } catch {
    // The active went between two questions; the next look will tell.
    return { resourceManagers, nodeManagers: unknown };
  }
}

export function yarnProblems({ resourceManagers, nodeManagers }: YarnStatus): readonly string[] {
  const active = resourceManagers.filter(({ haState }) => haState === 'ACTIVE').map(({ id }) => id);
  const problems = resourceManagers.flatMap(({ id, problem }) => (problem === undefined ? [] : [`${id}: ${problem}`]));
  if (active.length === 0) problems.push('yarn: no active ResourceManager');
  if (active.length > 1) problems.push(`yarn: ${active.length} active ResourceManagers (${active.join(', ')})`);
  for (const { id, nodeState } of nodeManagers) {
    if (nodeState !== 'RUNNING') problems.push(`${id}: ${nodeState ?? 'not registered'}`);
  }
  return problems;
}
