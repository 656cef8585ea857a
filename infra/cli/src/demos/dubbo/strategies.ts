/** The strategies beside each other: the same failure, what each of them makes of it. */
import { STRATEGIES, type StrategyName } from '@menagerie/dubbo-cluster';
import { table } from '../../output/table.js';
import { causesOf, tookMs } from './call-load.js';
import type { Caller, DubboRig } from './rig.js';

/** Joining the results of groups is for services in groups. */
export const COMPARED: readonly StrategyName[] = STRATEGIES.filter((name) => name !== 'mergeable');
const CALLERS = 2;

/** One consumer for each strategy, all calling. */
export async function openAll(rig: DubboRig, timeoutMs: number): Promise<ReadonlyMap<StrategyName, Caller>> {
  const callers = new Map<StrategyName, Caller>();
  for (const name of COMPARED) callers.set(name, await rig.caller(name, { cluster: name, timeoutMs }, CALLERS));
  return callers;
}

/** @param sinceMs when the failure began */
export function compared(callers: ReadonlyMap<StrategyName, Caller>, sinceMs: number): readonly string[] {
  const right = (title: string) => ({ title, align: 'right' as const });
  const rows = [...callers].map(([name, { load, reference }]) => {
    const outcomes = load.endedSince(sinceMs);
    const failures = outcomes.filter(({ cause }) => cause !== undefined);
    const nothing = outcomes.filter(({ by, cause }) => by === null && cause === undefined).length;
    const last = failures.at(-1);
    return [
      name,
      String(outcomes.length),
      String(outcomes.length - failures.length - nothing),
      String(reference.counts.retried),
      String(nothing),
      String(failures.length),
      last === undefined ? '-' : `${((last.atMs + last.tookMs - sinceMs) / 1_000).toFixed(2)} s`,
      `${tookMs(outcomes, 0.99).toFixed(0)} ms`,
      `${tookMs(outcomes, 1).toFixed(0)} ms`,
      causesOf(failures),
    ];
  });
  return table(
    [
      { title: 'STRATEGY' },
      right('SENT'),
      right('ANSWERED'),
      right('RETRIED'),
      right('EMPTY'),
      right('FAILED'),
      right('LAST FAILURE'),
      right('P99'),
      right('SLOWEST'),
      { title: 'CAUSES' },
    ],
    rows,
  );
}
