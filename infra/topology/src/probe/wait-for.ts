/** Waiting for a condition, with a deadline, an end and a word about what is still missing. */
import { setTimeout as sleep } from 'node:timers/promises';

import type { GroupPlan, Plan } from '../declare/plan.js';
import { WaitDeadlineError } from '../errors.js';
import { probe, probeZooKeeper, type ProbeResult } from './probe.js';

export interface WaitOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
  readonly everyMs?: number;
}

const EVERY_MS = 250;

/**
 * Asks until `ask` says that all is well.
 * @throws WaitDeadlineError with the last thing that was missing; the abort reason when `signal` fires
 */
export async function waitFor(what: string, ask: () => Promise<ProbeResult>, options: WaitOptions): Promise<void> {
  const endMs = performance.now() + options.timeoutMs;
  for (;;) {
    const result = await ask();
    options.signal?.throwIfAborted();
    if (result.healthy) return;
    if (performance.now() >= endMs) throw new WaitDeadlineError(what, options.timeoutMs, result.reason);
    await sleep(options.everyMs ?? EVERY_MS, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** Healthy once as many replicas are as those who wait for the group need. */
export async function probeGroup(plan: Plan, group: GroupPlan): Promise<ProbeResult> {
  const results = group.external
    ? await Promise.all(
        plan.zkConnect
          .split(/[,/]/)
          .filter((part) => part.includes(':'))
          .map(probeForeign),
      )
    : await Promise.all(group.processes.map(probeNamed));
  const healthy = results.filter((result) => result.healthy).length;
  const enough = group.external ? 1 : group.enough;
  if (healthy >= enough) return { healthy: true };
  const reasons = results.flatMap((result) => (result.healthy ? [] : [result.reason]));
  return { healthy: false, reason: `${healthy} of ${enough} up: ${reasons.join('; ')}` };
}

async function probeNamed(process: GroupPlan['processes'][number]): Promise<ProbeResult> {
  const result = await probe(process);
  return result.healthy ? result : { healthy: false, reason: `${process.id} ${result.reason}` };
}

async function probeForeign(server: string): Promise<ProbeResult> {
  const [, host = '', port = ''] = /^(.*):(\d+)$/.exec(server) ?? [];
  try {
    return await probeZooKeeper(host, Number(port));
  } catch (error) {
    return { healthy: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
