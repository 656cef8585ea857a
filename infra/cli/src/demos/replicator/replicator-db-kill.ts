/** Both databases are killed in turn under load: no core is changed for it, and nothing is lost. */
import type { MariaDb } from '@menagerie/platform-database';
import { ShopLoad, type TestReplicator } from '@menagerie/replicator-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';
import { openStage, rowsArrive, runs, seconds, TASK, verifyEqual, WAIT_MS } from './rig.js';

export const replicatorDbKill: DemoOfItsOwn = {
  name: 'replicator-db-kill',
  title: 'the source and the target of a copy are killed in turn, under load',
  promises: [
    'another core could do nothing better: nobody takes over',
    'what is wrong is told in lastCommit, and the position is kept',
    'no row is lost and none is applied twice: both sides end with equal sums',
  ],
  standsAlone: true,
  async run(stage) {
    await using replicator = await openStage(stage);
    await replicator.makeTask(TASK);
    for (const id of ['host1', 'host2']) await replicator.core(id, { task: TASK });
    const first = await runs(stage, replicator, TASK);
    await using load = new ShopLoad({ source: replicator.databases.source });
    await rowsArrive(stage, replicator, TASK, 300);
    await killed(stage, replicator, 'source', replicator.databases.source);
    await killed(stage, replicator, 'target', replicator.databases.target);
    const last = await runs(stage, replicator, TASK);
    stage.verify('nobody has taken over', last === first, `${first.id} before, ${last.id} after`);
    await verifyEqual(stage, replicator, [TASK], load);
  },
};

async function killed(
  stage: DemoStage,
  replicator: TestReplicator,
  side: 'source' | 'target',
  database: MariaDb,
): Promise<void> {
  const code = side === 'source' ? 'REPLICATOR_SOURCE_UNAVAILABLE' : 'REPLICATOR_TARGET_UNAVAILABLE';
  await database.kill();
  stage.mark(`kill -9 of the ${side}`);
  await told(stage, replicator, code);
  await database.start();
  const startedMs = performance.now();
  await rowsArrive(stage, replicator, TASK, 100);
  stage.mark(`the ${side} is back, and ${seconds(performance.now() - startedMs)} later rows arrive again`);
}

async function told({ mark, verify, signal }: DemoStage, replicator: TestReplicator, code: string): Promise<void> {
  const problem = await until(`${code} in lastCommit`, { timeoutMs: WAIT_MS, signal }, async () => {
    const found = (await replicator.status(TASK))?.lastCommit?.problem;
    return found?.code === code ? found : undefined;
  });
  mark(`lastCommit says: ${problem.message.slice(0, 120)}`);
  verify(`${code} is told in lastCommit`, problem.code === code, problem.message.slice(0, 100));
}
