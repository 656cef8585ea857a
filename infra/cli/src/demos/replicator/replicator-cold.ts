/** Cold standby: two tasks, three machines that scan; and what hot standby of the same two would cost. */
import { ShopLoad, type TestReplicator } from '@menagerie/replicator-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';
import { openStage, rowsArrive, runs, seconds, TASK, verifyEqual, WAIT_MS } from './rig.js';

const SESSION_MS = 2_000;
const REST_MS = 2_000;
const GROUP = 'night';
const TASKS = ['items', 'orders'] as const;
const MACHINES = 3;

export const replicatorCold: DemoOfItsOwn = {
  name: 'replicator-cold',
  title: 'two tasks are run by three machines that scan for work; one is killed; and hot standby beside it, in a table',
  promises: [
    'each task is run by exactly one machine, and a spare takes its node away wherever another runs',
    'when a machine falls, the spare finds the task in its next round',
    'cold needs fewer machines, hot is quicker: both in numbers',
    'no row is lost: both sides end with equal sums',
  ],
  standsAlone: true,
  async run(stage) {
    await using replicator = await openStage(stage, { sessionTimeoutMs: SESSION_MS });
    const keys = TASKS.map((table) => `${GROUP}/${table}`);
    for (const table of TASKS) await replicator.makeTask(`${GROUP}/${table}`, { tables: [table] });
    for (let machine = 1; machine <= MACHINES; machine += 1) {
      await replicator.core(`machine${machine}`, { group: GROUP, environment: { CORE_REST_MS: String(REST_MS) } });
    }
    await using load = new ShopLoad({ source: replicator.databases.source });
    for (const key of keys) await rowsArrive(stage, replicator, key, 100);
    await settled(stage, replicator, keys);
    const cold = await killOne(stage, replicator, keys[0] as string);
    await settled(stage, replicator, keys);
    await verifyEqual(stage, replicator, keys, load);
    const hot = await hotBeside(stage);
    stage.mark('                     machines for 2 tasks   a killed one is replaced after');
    stage.mark(
      `cold standby         ${String(MACHINES).padEnd(22)} ${seconds(cold)} (session ${seconds(SESSION_MS)}, rest ${seconds(REST_MS)})`,
    );
    stage.mark(
      `hot standby          ${String(TASKS.length * 2).padEnd(22)} ${seconds(hot)} (session ${seconds(SESSION_MS)})`,
    );
  },
};

/** One instance a task: whoever is spare leaves nothing behind. */
async function settled(
  { verify, signal }: DemoStage,
  replicator: TestReplicator,
  keys: readonly string[],
): Promise<void> {
  const instances = await until('one instance a task', { timeoutMs: WAIT_MS, signal }, async () => {
    const all = await Promise.all(keys.map((key) => replicator.status(key)));
    return all.every((status) => status?.running !== null && status?.instances.length === 1) ? all : undefined;
  });
  const hosts = instances.map((status) => status?.running ?? '');
  verify(
    'each task has one instance, which is RUNNING',
    new Set(hosts).size === keys.length,
    `${keys.join(', ')}: ${hosts.join(', ')}`,
  );
}

async function killOne(stage: DemoStage, replicator: TestReplicator, key: string): Promise<number> {
  const { mark, verify } = stage;
  const victim = await runs(stage, replicator, key);
  const before = (await replicator.status(key))?.uncoveredMs ?? 0;
  const killedMs = performance.now();
  await victim.process.end('SIGKILL');
  mark(`kill -9 of ${victim.id}, which runs ${key}`);
  const next = await runs(stage, replicator, key, [victim]);
  const tookMs = performance.now() - killedMs;
  await rowsArrive(stage, replicator, key, 50);
  const uncoveredMs = ((await replicator.status(key))?.uncoveredMs ?? 0) - before;
  mark(
    `${next.id} came by and runs it after ${seconds(tookMs)}; the monitor saw it uncovered for ${seconds(uncoveredMs)}`,
  );
  verify('the spare took it in its next round', next !== victim, `${victim.id}, then ${next.id}, ${seconds(tookMs)}`);
  return tookMs;
}

/** The same fall with hot standby. */
async function hotBeside(stage: DemoStage): Promise<number> {
  await using replicator = await openStage(stage, { sessionTimeoutMs: SESSION_MS });
  await replicator.makeTask(TASK, { tables: ['items'] });
  for (const id of ['host1', 'host2']) await replicator.core(id, { task: TASK });
  const victim = await runs(stage, replicator, TASK);
  const killedMs = performance.now();
  await victim.process.end('SIGKILL');
  await runs(stage, replicator, TASK, [victim]);
  return performance.now() - killedMs;
}
