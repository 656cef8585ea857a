/** Puts the whole status together. Everything is asked at the same time; each question has its deadline. */
import { allProcesses, type Plan, type ProbeResult, Registry, findGroup, ENSEMBLE } from '@menagerie/topology';

import { dubboProblems, dubboStatus } from './dubbo-status.js';
import { ensembleProblems, type ServerAddress, serversOf, serverStatus } from './ensemble-status.js';
import { kafkaProblems, kafkaStatus } from './kafka-status.js';
import { type PlatformStatus, ProcessState } from './model.js';
import { processStatus } from './process-status.js';
import { logsProblems, logsStatus } from './logs-status.js';
import { yarnProblems, yarnStatus } from './yarn-status.js';

export async function collectStatus(plan: Plan): Promise<PlatformStatus> {
  const { dataRoot } = plan.settings;
  const registry = new Registry(dataRoot);
  const [processes, ensemble, yarn, kafka, logs, dubbo] = await Promise.all([
    Promise.all(allProcesses(plan).map((process) => processStatus(process, registry, dataRoot))),
    Promise.all(ensembleServers(plan).map(serverStatus)),
    yarnStatus(plan),
    kafkaStatus(plan),
    logsStatus(plan),
    dubboStatus(plan),
  ]);
  const unwell = processes.filter(({ state }) => state !== ProcessState.healthy);
  // Whoever is down or paused is one problem, not one more for each thing that it does not answer.
  const known = new Set(unwell.map(({ id }) => id));
  const problems = [
    ...unwell.map(({ id, state, reason }) => `${id}: ${state}${reason === undefined ? '' : ` (${reason})`}`),
    ...processes.filter(({ cut, id }) => cut && !known.has(id)).map(({ id }) => `${id}: cut off`),
    ...[
      ...ensembleProblems(ensemble),
      ...yarnProblems(yarn),
      ...kafkaProblems(kafka),
      ...logsProblems(logs),
      ...dubboProblems(dubbo),
    ].filter((text) => !known.has(text.split(':')[0] ?? '')),
  ];
  const nothing = processes.every(({ state }) => state === ProcessState.down);
  return {
    healthy: problems.length === 0,
    problems: nothing ? ['nothing runs; npm start starts everything'] : problems,
    zkConnect: plan.zkConnect,
    foreignEnsemble: findGroup(plan, ENSEMBLE).external,
    processes,
    ensemble,
    yarn,
    kafka,
    logs,
    dubbo,
  };
}

/** The same as one answer, for those who wait. */
export async function platformProbe(plan: Plan): Promise<ProbeResult> {
  const { healthy, problems } = await collectStatus(plan);
  return healthy ? { healthy } : { healthy, reason: problems.join('; ') };
}

function ensembleServers(plan: Plan): readonly ServerAddress[] {
  const { external, processes } = findGroup(plan, ENSEMBLE);
  if (external) return serversOf(plan.zkConnect);
  return processes.map(({ id, host, ports }) => ({ id, host, port: ports['client'] ?? 0 }));
}
