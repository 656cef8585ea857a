/** What log collection says of itself: who allocates, who collects how much, what nobody collects. */
import { LogsClient } from '@menagerie/logs-client';
import { Verdict } from '@menagerie/logs-core';
import { findGroup, LOGS_AGENT, LOGS_ALLOCATOR, LOGS_COLLECTOR, type Plan } from '@menagerie/topology';
import type { LogsStatus } from './model.js';

const addressesOf = (plan: Plan, group: string): readonly string[] =>
  findGroup(plan, group).processes.map(({ host, ports }) => `${host}:${ports['http']}`);

/** @returns a client that knows the allocators of the plan */
export const logsClient = (plan: Plan): LogsClient => new LogsClient({ allocators: addressesOf(plan, LOGS_ALLOCATOR) });

export async function logsStatus(plan: Plan): Promise<LogsStatus> {
  const processes = [LOGS_ALLOCATOR, LOGS_COLLECTOR, LOGS_AGENT].flatMap((group) =>
    findGroup(plan, group).processes.map(({ id, host, ports }) => ({
      id,
      group,
      url: `http://${host}:${ports['http']}`,
    })),
  );
  try {
    const reign = await logsClient(plan).reign();
    const collectors = new Map(reign.collectors.map((one) => [one.id, one]));
    return {
      leader: reign.leader,
      policy: reign.settings.policy,
      sources: reign.sources,
      unassigned: reign.unassigned,
      frozen: reign.frozen,
      processes: processes.map(({ id, group, url }) => {
        const collector = collectors.get(id);
        if (group === LOGS_ALLOCATOR) return { id, url, role: id === reign.leader ? 'leader' : 'standby' };
        if (group === LOGS_AGENT) return { id, url, role: 'agent' };
        if (collector === undefined) return { id, url, role: 'not registered' };
        const { verdict, list, lagBytes } = collector;
        return { id, url, role: verdict, sources: list.sources.length, lagBytes };
      }),
    };
  } catch (error) {
    return {
      problem: error instanceof Error ? error.message : String(error),
      processes: processes.map(({ id, url }) => ({ id, url })),
    };
  }
}

export function logsProblems({ problem, unassigned = [], frozen, processes }: LogsStatus): readonly string[] {
  const problems: string[] = [];
  if (problem !== undefined) problems.push(`logs: ${problem}`);
  if (unassigned.length > 0) problems.push(`logs: ${unassigned.length} sources without a collector`);
  if (frozen === true) problems.push('logs: too many collectors are silent at once to believe it');
  for (const { id, role } of processes) {
    if (role === 'not registered') problems.push(`${id}: not registered`);
    else if (role === Verdict.silent || role === Verdict.dead || role === Verdict.unproven) {
      problems.push(`${id}: ${role} in the eyes of the allocator`);
    }
  }
  return problems;
}
