/** One collector more: what moves, under each policy. */
import { POLICIES, type Policy, type ReignView } from '@menagerie/logs-core';
import type { Demo, DemoContext } from '../demo.js';
import { until, type UntilOptions } from '../until.js';
import { LogsRig, moved } from './rig.js';

const WAIT_MS = 60_000;
const NEWCOMER = 'collector3';
const QUIET_PERIODS = 2;

export const logsScaleOut: Demo = {
  name: 'logs-scale-out',
  title: 'two collectors become three, once under each policy',
  promises: [
    'local: at most ceil(S / (N + 1)) sources move, all of them to the newcomer',
    'modulo, which groups everything anew, moves two of three; rendezvous hashing lies between',
    'no line is lost, whatever moves',
  ],
  breaksEnsemble: false,
  async run(context) {
    const { verify } = context;
    await using rig = await LogsRig.open(context, { sources: 18, settings: { moveDelayMs: 0 } });
    const counts = new Map<Policy, number>();
    for (const policy of POLICIES) counts.set(policy, await growUnder(policy, context, rig));
    const { sources } = await rig.reign();
    const most = Math.ceil(sources / 3);
    const [modulo = 0, rendezvous = 0, local = 0] = POLICIES.map((policy) => counts.get(policy));
    verify(
      'local moves no more than the newcomer has to have',
      local > 0 && local <= most,
      `${local} of ${sources} moved; ceil(${sources} / 3) = ${most}`,
    );
    verify(
      'modulo moves more than local',
      modulo > local,
      `of all ${sources} sources: modulo ${modulo}, rendezvous ${rendezvous}, local ${local} moved`,
    );
    await rig.verifyLines();
  },
};

/** @returns how many sources had another collector afterwards */
async function growUnder(policy: Policy, { chaos, mark, signal }: DemoContext, rig: LogsRig): Promise<number> {
  const wait = { timeoutMs: WAIT_MS, signal };
  await rig.client.configure({ policy });
  await chaos.kill(NEWCOMER);
  const has = (reign: ReignView): number =>
    reign.collectors.find(({ id }) => id === NEWCOMER)?.list.sources.length ?? 0;
  const settled = ({ inTransit, unassigned }: ReignView): boolean => inTransit === 0 && unassigned.length === 0;
  const before = await lasting(rig, wait, (reign) => has(reign) === 0 && settled(reign));
  mark(`${policy}: two collectors (${rig.describe(before)})`);
  await chaos.restart(NEWCOMER);
  const after = await lasting(rig, wait, (reign) => has(reign) > 0 && settled(reign));
  mark(`${policy}: three collectors (${rig.describe(after)}), ${moved(before, after)} sources moved`);
  return moved(before, after);
}

/**
 * The owners of all sources, ours and the others', once they are what the policy wants: what was asked for holds, and
 * nothing has changed for longer than the allocator waits before it decides anew.
 */
async function lasting(
  rig: LogsRig,
  wait: UntilOptions,
  holds: (reign: ReignView) => boolean,
): Promise<ReadonlyMap<string, string>> {
  let [last, since] = ['', 0];
  return await until('lists that hold what was asked for, and stay', wait, async () => {
    const reign = await rig.reign();
    const { debounceMs, pollMs } = reign.settings;
    const owners = new Map(
      reign.collectors.flatMap(({ id, list }) => list.sources.map((source) => [source, id] as const)),
    );
    const seen = JSON.stringify([...owners].sort());
    if (seen !== last) [last, since] = [seen, performance.now()];
    return holds(reign) && performance.now() - since > QUIET_PERIODS * (debounceMs + pollMs) ? owners : undefined;
  });
}
