/** The state of one process of ours: what the registry, the kernel and its probe say. */
import { existsSync } from 'node:fs';

import { isAlive, isPaused, layout, probe, type ProcessPlan, type Registry } from '@menagerie/topology';

import { ProcessState, type ProcessStatus } from './model.js';

export async function processStatus(plan: ProcessPlan, registry: Registry, dataRoot: string): Promise<ProcessStatus> {
  const { id, group, ports } = plan;
  const record = registry.process(id);
  const cut = existsSync(layout.cut(dataRoot, id));
  const base = { id, group, ports, cut };
  if (record === undefined || !isAlive(record)) {
    const held = existsSync(layout.down(dataRoot, id));
    const reason = held ? `held down; menagerie chaos restart ${id}` : 'no process';
    return { ...base, state: held ? ProcessState.held : ProcessState.down, reason };
  }
  const { pid, since, restarts } = record;
  const running = { ...base, pid, since, restarts };
  if (isPaused(record)) return { ...running, state: ProcessState.paused, reason: `menagerie chaos resume ${id}` };
  const result = await probe(plan);
  if (result.healthy) return { ...running, state: ProcessState.healthy };
  const reason = cut ? `cut off; menagerie chaos heal ${id}` : result.reason;
  return { ...running, state: ProcessState.unhealthy, reason };
}
