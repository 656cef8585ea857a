/** Applications and nodes as a person reads them. */
import type { ApplicationReport, NodeReport } from '@menagerie/yarn-protocol';

import { table } from '../output/table.js';

const time = (ms: number): string => (ms === 0 ? '' : new Date(ms).toISOString().replace('T', ' ').slice(0, 19));
const percent = (value: number): string => `${value.toFixed(0)} %`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export function renderApplications(reports: readonly ApplicationReport[]): readonly string[] {
  if (reports.length === 0) return ['no applications'];
  const newestFirst = [...reports].sort((a, b) => b.startedTime - a.startedTime);
  return table(
    [
      { title: 'APPLICATION' },
      { title: 'NAME' },
      { title: 'USER' },
      { title: 'STATE' },
      { title: 'RESULT' },
      { title: 'PROGRESS', align: 'right' },
      { title: 'CONTAINERS', align: 'right' },
      { title: 'STARTED' },
      { title: 'TOOK', align: 'right' },
    ],
    newestFirst.map((one) => [
      one.id,
      one.name,
      one.user,
      one.state,
      one.finalStatus === 'UNDEFINED' ? '' : one.finalStatus,
      percent(one.progress),
      String(one.runningContainers),
      time(one.startedTime),
      seconds(one.elapsedTime),
    ]),
  );
}

export function renderApplication(one: ApplicationReport): readonly string[] {
  const facts: readonly (readonly [string, string])[] = [
    ['application', one.id],
    ['name', one.name],
    ['user, queue', `${one.user}, ${one.queue}`],
    ['state', `${one.state} (${one.rmState} in the ResourceManager)`],
    ['result', one.finalStatus],
    ['progress', percent(one.progress)],
    ['started', time(one.startedTime)],
    ['finished', time(one.finishedTime)],
    ['took', seconds(one.elapsedTime)],
    ['containers', `${one.runningContainers} with ${one.allocatedMB} MB, ${one.allocatedVCores} vcores`],
    ['used', `${one.memorySeconds} MB·s, ${one.vcoreSeconds} vcore·s`],
    [
      'counters',
      Object.entries(one.counters)
        .map(([name, count]) => `${name} ${count}`)
        .join(', '),
    ],
    ['diagnostics', one.diagnostics],
  ];
  const attempts = one.attempts.map((attempt) => [
    attempt.appAttemptId,
    attempt.attemptState,
    attempt.nodeId ?? '',
    attempt.containerId ?? '',
    time(attempt.startTime),
    attempt.diagnostics,
  ]);
  const titles = ['ATTEMPT', 'STATE', 'NODE', 'CONTAINER OF ITS MASTER', 'STARTED', 'DIAGNOSTICS'];
  return [
    ...table(
      [{ title: 'WHAT' }, { title: '' }],
      facts.filter(([, value]) => value !== ''),
    ).slice(1),
    ...(attempts.length === 0
      ? []
      : [
          '',
          ...table(
            titles.map((title) => ({ title })),
            attempts,
          ),
        ]),
  ];
}

export function renderNodes(nodes: readonly NodeReport[]): readonly string[] {
  if (nodes.length === 0) return ['no nodes'];
  return table(
    [
      { title: 'NODE' },
      { title: 'STATE' },
      { title: 'ADDRESS' },
      { title: 'CONTAINERS', align: 'right' },
      { title: 'MEMORY', align: 'right' },
      { title: 'VCORES', align: 'right' },
      { title: 'HEARD' },
    ],
    nodes.map((node) => [
      node.id,
      node.state,
      node.nodeHTTPAddress,
      String(node.numContainers),
      `${node.usedMemoryMB} of ${node.usedMemoryMB + node.availMemoryMB} MB`,
      `${node.usedVirtualCores} of ${node.usedVirtualCores + node.availableVirtualCores}`,
      time(node.lastHealthUpdate),
    ]),
  );
}
