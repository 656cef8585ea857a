/** Three replicas of an application that are their own quorum; the leader is killed; each tick ran once. */
import { CliError } from '../../errors.js';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';
import { CronReplicas, type TickLine } from './cron-replicas.js';

/** Generous: a busy machine is no failure of what is shown. */
const START_MS = 300_000;
const TICK_MS = 1_000;
/** How many ticks are waited for before the kill and after it. */
interface Ticks {
  readonly before: number;
  readonly after: number;
}

const SHOWN: Ticks = { before: 4, after: 8 };
const TICKS_MS = 300_000;

export const cronOnce: DemoOfItsOwn = {
  name: 'cron-once',
  title: 'three Nest replicas with an embedded ensemble, a job every second, and a kill -9 of the leader',
  promises: [
    'every second from the first tick to the last ran in exactly one replica, the seconds of the election among them',
    'the two that are left go on by themselves, the killed one comes back',
    'what the replicas wrote down is what the ensemble has on record',
  ],
  standsAlone: true,
  run: (stage) => playCronOnce(stage, SHOWN),
};

export async function playCronOnce(stage: DemoStage, counts: Ticks): Promise<void> {
  await using replicas = await CronReplicas.start();
  await play(stage, replicas, counts);
}

async function play(stage: DemoStage, replicas: CronReplicas, { before, after }: Ticks): Promise<void> {
  const { mark, signal, verify } = stage;
  await until('three replicas to be healthy', { timeoutMs: START_MS, signal }, async () => {
    const roles = await replicas.roles();
    return roles.size === 3 ? true : undefined;
  });
  await ticks(stage, replicas, before);
  mark(`${[...(await replicas.roles())].map(([id, role]) => `replica ${id} ${role}`).join(', ')}; the job runs`);

  const leader = await until('a leader', { timeoutMs: START_MS, signal }, async () => {
    return [...(await replicas.roles())].find(([, role]) => role === 'leading')?.[0];
  });
  // Right after a tick has been written down: the process that dies is in the middle of none.
  await ticks(stage, replicas, 1);
  await replicas.kill(leader);
  const killedAt = new Date();
  mark(`replica ${leader}, whose member leads, is killed`);
  await ticks(stage, replicas, after);
  mark(`the others went on: ${replicas.ledger().filter(({ tick }) => tick > killedAt).length} ticks since`);
  const successor = [...(await replicas.roles())].find(([, role]) => role === 'leading')?.[0];

  replicas.launch(leader);
  await until('the killed one to be back', { timeoutMs: START_MS, signal }, async () => {
    return (await replicas.roles()).has(leader) ? true : undefined;
  });
  mark(`replica ${leader} is back`);
  await ticks(stage, replicas, 2);
  const recorded = await replicas.recorded();
  const lines = replicas.ledger();
  const exits = await replicas.stop();
  mark('all three stopped');

  const missing = missingSeconds(lines);
  const times = lines.map(({ tick }) => tick.getTime());
  const twice = times.filter((time, i) => times.indexOf(time) !== i);
  const since = lines.filter(({ tick }) => tick > killedAt).length;
  verify(
    'each tick ran exactly once',
    lines.length > before + after && twice.length === 0 && missing.length === 0,
    `${lines.length} ticks, ${since} of them after the kill; ${twice.length} ran twice, ${missing.length} not at all`,
  );
  verify(
    'another member leads, and the others ran the ticks',
    successor !== undefined && successor !== leader && since >= after,
    `replica ${leader} led, then ${successor}; ${share(lines)}`,
  );
  const unrecorded = lines.filter(({ tick }) => !recorded.has(tick.toISOString()));
  verify('the ensemble has each of them on record', unrecorded.length === 0, `${recorded.size} records`);
  const isClean = [...exits.values()].every((code) => code === 0);
  verify('all replicas stopped in order', isClean, `exit codes ${[...exits.values()].join(', ')}`);
}

/** Waits for so many more ticks than there are now. */
async function ticks({ signal }: DemoStage, replicas: CronReplicas, more: number): Promise<void> {
  const goal = replicas.ledger().length + more;
  await until(`${more} more ticks`, { timeoutMs: TICKS_MS, signal, everyMs: 20 }, async () => {
    const dead = replicas.unexpectedlyEnded();
    if (dead !== undefined) throw new CliError('CLI_DEMO_PROCESS', dead);
    return replicas.ledger().length >= goal ? true : undefined;
  });
}

/** Seconds between the first and the last tick in which nothing ran. */
function missingSeconds(lines: readonly TickLine[]): readonly string[] {
  const ran = new Set(lines.map(({ tick }) => tick.getTime()));
  const missing: string[] = [];
  for (let at = Math.min(...ran); at <= Math.max(...ran); at += TICK_MS) {
    if (!ran.has(at)) missing.push(new Date(at).toISOString());
  }
  return missing;
}

function share(lines: readonly TickLine[]): string {
  const by = new Map<number, number>();
  for (const line of lines) by.set(line.by, (by.get(line.by) ?? 0) + 1);
  return [...by].map(([id, count]) => `replica ${id} ran ${count}`).join(', ');
}
