/**
 * A shop is copied while cores, databases and servers of the ensemble are killed or stopped at random moments: in the end both
 * sides are equal, every order that was confirmed is there, and no count of rows was ever other than expected.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { databaseMissing } from '@menagerie/platform-database';
import { ShopLoad, TestReplicator } from '@menagerie/replicator-testing';
import type { Scenario, SoakRun } from '../soak/scenario.js';

const TASK = 'copy_hot_item';
const SESSION_MS = 2_000;
const LONGEST_AWAY_MS = 5_000;
const LONGEST_CALM_MS = 1_500;
/** A core is told of everything so late in some of the points: then the fences have to hold. */
const LATE_MS = 3_000;
const CORES = 3;
const CAUGHT_UP_MS = 90_000;
const FAULTS = ['core', 'pause core', 'source', 'target', 'server', 'core and database'] as const;

export const replicatorScenario: Scenario = {
  summary:
    'a shop is copied while cores, databases and servers are killed or stopped: equal sums, nothing lost, nothing twice',
  parts: FAULTS,
  run: async (run) => {
    const missing = databaseMissing();
    if (missing !== null) throw new Error(missing);
    const replicator = await TestReplicator.start({ servers: 3, engine: run.engine, sessionTimeoutMs: SESSION_MS });
    try {
      await replicator.makeTask(TASK);
      for (let at = 1; at <= CORES; at += 1) {
        // One of them is careless.
        const environment = at === CORES ? { CORE_LATE_MS: String(LATE_MS) } : {};
        await replicator.core(`host${at}`, { task: TASK, environment });
      }
      for (const process of replicator.processes) run.watch({ name: process.id, pid: () => process.pid ?? undefined });
      while (run.another()) await point(run, replicator);
    } finally {
      await replicator.close();
    }
  },
};

async function point(run: SoakRun, replicator: TestReplicator): Promise<void> {
  const load = new ShopLoad({
    source: replicator.databases.source,
    random: () => run.chance.next(),
    first: nextFirst(),
  });
  try {
    await sleep(run.chance.below(LONGEST_CALM_MS));
    await breakSomething(run, replicator);
    await sleep(run.chance.below(LONGEST_CALM_MS));
  } finally {
    await load.stop();
  }
  run.count('transactions', load.committed);
  await judge(run, replicator, load);
}

/** Order numbers of one point are not used in another. */
let points = 0;
const nextFirst = (): number => (points += 1) * 100_000_000;

async function breakSomething(run: SoakRun, replicator: TestReplicator): Promise<void> {
  const { source, target } = replicator.databases;
  const kind = run.chance.pick(run.only.length > 0 ? (run.only as readonly (typeof FAULTS)[number][]) : FAULTS);
  const awayMs = run.chance.below(LONGEST_AWAY_MS);
  const core = (run.chance.below(3) > 0 ? await replicator.running(TASK) : null) ?? run.chance.pick(replicator.cores);
  run.fault(kind, `${core.id}, for ${awayMs} ms`);
  switch (kind) {
    case 'core':
      await core.process.end('SIGKILL');
      await sleep(awayMs);
      return core.process.start();
    case 'pause core':
      core.process.pause();
      await sleep(awayMs);
      return core.process.resume();
    case 'source':
    case 'target': {
      const database = kind === 'source' ? source : target;
      await database.kill();
      await sleep(awayMs);
      return database.start();
    }
    case 'core and database': {
      const database = run.chance.pick([source, target]);
      await Promise.all([core.process.end('SIGKILL'), database.kill()]);
      await sleep(awayMs);
      await database.start();
      return core.process.start();
    }
    case 'server': {
      const { id } = run.chance.pick(replicator.ensemble.servers);
      await replicator.ensemble.kill(id);
      await sleep(awayMs);
      await replicator.ensemble.start(id);
      return;
    }
  }
}

async function judge(run: SoakRun, replicator: TestReplicator, load: ShopLoad): Promise<void> {
  const { isCaughtUp, differences, target, sourceGtid, targetGtid } = await replicator.caughtUp(TASK, CAUGHT_UP_MS);
  if (!isCaughtUp) {
    const problem = (await replicator.status(TASK))?.lastCommit?.problem;
    run.violation('it catches up', `source ${sourceGtid}, target ${targetGtid}; ${problem?.code}: ${problem?.message}`);
    return;
  }
  for (const difference of differences) run.violation('both sides are equal', difference);
  const pool = replicator.databases.target.pool(1);
  const [rows] = await pool.query('SELECT CAST(id AS CHAR) AS id, state FROM orders');
  await pool.end();
  const there = new Map((rows as { id: string; state: string }[]).map(({ id, state }) => [Number(id), state]));
  for (const [id, state] of load.orders) {
    const found = there.get(id);
    if (found === undefined) run.violation('no order is lost', `order ${id}`);
    else if (state !== null && found !== state)
      run.violation('an order is as confirmed', `order ${id}: ${state}, found ${found}`);
  }
  run.count(
    'rows',
    target.reduce((sum, one) => sum + one.rows, 0),
  );
  const status = await replicator.status(TASK);
  // A count that was not as expected, even for a moment, would stand here: the target is written to by us alone.
  if (status?.lastCommit?.problem?.code === 'REPLICATOR_DIVERGED')
    run.violation('no row is applied twice', status.lastCommit.problem.message);
}
