/** Hot standby: the RUNNING core is killed under load, then one is stopped in order. */
import { ShopLoad } from '@menagerie/replicator-testing';
import type { DemoOfItsOwn } from '../demo.js';
import { openStage, rowsArrive, runs, seconds, TASK, verifyEqual } from './rig.js';

const SESSION_MS = 2_000;
/** One tick of the ensemble, and what a busy machine takes to begin a dump. */
const SLACK_MS = 6_000;

export const replicatorHot: DemoOfItsOwn = {
  name: 'replicator-hot',
  title: 'a shop is copied by one of three cores: the RUNNING one is killed under load, the next is stopped in order',
  promises: [
    'the standby with the smallest sequence takes over once the session of a killed one has ended; at once from one that leaves',
    'one core that falls wakes one other, not all',
    'no row is lost and none is applied twice: both sides end with equal sums',
  ],
  standsAlone: true,
  async run(stage) {
    const { mark, verify } = stage;
    await using replicator = await openStage(stage, { sessionTimeoutMs: SESSION_MS });
    await replicator.makeTask(TASK);
    for (const id of ['host1', 'host2', 'host3']) await replicator.core(id, { task: TASK });
    const first = await runs(stage, replicator, TASK);
    await using load = new ShopLoad({ source: replicator.databases.source });
    await rowsArrive(stage, replicator, TASK, 500);
    mark(`${first.id} is RUNNING, the others are STANDBY; customers order, pay and cancel`);

    const killedMs = performance.now();
    await first.process.end('SIGKILL');
    const second = await runs(stage, replicator, TASK, [first]);
    const takeoverMs = performance.now() - killedMs;
    mark(
      `kill -9 of ${first.id}: ${second.id} is RUNNING after ${seconds(takeoverMs)} (a session is ${seconds(SESSION_MS)})`,
    );
    await rowsArrive(stage, replicator, TASK, 500);
    const woken = await Promise.all(
      replicator.cores
        .filter((core) => core !== first)
        .map(async (core) => (await replicator.view(core)).duties[0]?.notifications ?? 0),
    );

    await first.process.start();
    mark(`${first.id} is back, at the end of the line`);
    const leftMs = performance.now();
    await second.process.end('SIGTERM');
    const stoppedMs = performance.now() - leftMs;
    const third = await runs(stage, replicator, TASK, [second]);
    const switchMs = performance.now() - leftMs;
    mark(`${second.id} leaves in order (${seconds(stoppedMs)}): ${third.id} is RUNNING after ${seconds(switchMs)}`);
    await rowsArrive(stage, replicator, TASK, 500);

    verify(
      'a killed core is replaced within its session and a little more',
      takeoverMs < SESSION_MS + SLACK_MS,
      `${seconds(takeoverMs)} with a session of ${seconds(SESSION_MS)}`,
    );
    verify(
      'who comes back does not take the task back',
      third.id === 'host3' && second.id === 'host2',
      `host1, then ${second.id}, then ${third.id}, with host1 waiting behind it`,
    );
    verify(
      'one was woken by the fall of the first',
      sum(woken) - 2 <= 1,
      `notifications: ${woken.join(', ')}, of which two were of their own`,
    );
    await verifyEqual(stage, replicator, [TASK], load);
  },
};

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
