/** A core is stopped past its session and goes on: one that looks at the clock, and one that does not. */
import type { TestService } from '@menagerie/platform-testing';
import { ShopLoad, type TestReplicator } from '@menagerie/replicator-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';
import { openStage, rowsArrive, runs, seconds, TASK, verifyEqual, WAIT_MS } from './rig.js';

const SESSION_MS = 4_000;
/** A core that learns so late that its session is over does what a naive one would do meanwhile. */
const LATE_MS = 15_000;

export const replicatorZombie: DemoOfItsOwn = {
  name: 'replicator-zombie',
  title: 'the RUNNING core stands still for longer than its session, another takes over, and it goes on',
  promises: [
    'a pause shorter than the session changes nothing',
    'a core that wakes looks at the clock before it commits, and stands by',
    'one that does not look is refused twice: by the fence in the target, and by the version of lastCommit',
    'no row is applied twice: both sides end with equal sums',
  ],
  standsAlone: true,
  async run(stage) {
    await using replicator = await openStage(stage, { sessionTimeoutMs: SESSION_MS });
    await replicator.makeTask(TASK);
    const first = await replicator.core('host1', { task: TASK });
    await runs(stage, replicator, TASK);
    const second = await replicator.core('host2', { task: TASK, environment: { CORE_LATE_MS: String(LATE_MS) } });
    await using load = new ShopLoad({ source: replicator.databases.source });
    await rowsArrive(stage, replicator, TASK, 300);
    await blink(stage, replicator, first);
    await watchful(stage, replicator, first, second);
    await careless(stage, replicator, first, second);
    await verifyEqual(stage, replicator, [TASK], load);
  },
};

async function blink(stage: DemoStage, replicator: TestReplicator, first: TestService): Promise<void> {
  const before = await replicator.status(TASK);
  first.process.pause();
  await pause(stage, SESSION_MS / 3);
  first.process.resume();
  await rowsArrive(stage, replicator, TASK, 200);
  const after = await replicator.status(TASK);
  stage.mark(`${first.id} stood still for ${seconds(SESSION_MS / 3)}: it goes on`);
  stage.verify(
    'a pause shorter than the session moves nothing',
    before?.running === after?.running,
    `${before?.running} before, ${after?.running} after`,
  );
}

async function watchful(
  stage: DemoStage,
  replicator: TestReplicator,
  first: TestService,
  second: TestService,
): Promise<void> {
  const { mark, verify, signal } = stage;
  const stoppedMs = performance.now();
  const { duties } = await replicator.view(first);
  first.process.pause();
  mark(`${first.id}, which looks at the clock, stands still`);
  await runs(stage, replicator, TASK, [first]);
  mark(`${second.id} is RUNNING after ${seconds(performance.now() - stoppedMs)}`);
  await rowsArrive(stage, replicator, TASK, 300);
  first.process.resume();
  const view = await until(`${first.id} at the end of the line`, { timeoutMs: WAIT_MS, signal }, async () => {
    const seen = await replicator.view(first);
    const now = seen.duties[0]?.instance ?? null;
    return now !== null && now !== duties[0]?.instance ? seen : undefined;
  });
  mark(`${first.id} wakes, halts by itself, and stands by as ${view.duties[0]?.instance}`);
  const refusals = view.refusedByTarget + view.refusedByLastCommit;
  verify(
    'who looks at the clock halts by itself',
    view.halts > 0,
    `halted ${view.halts} times, refused ${refusals} times`,
  );
}

async function careless(
  stage: DemoStage,
  replicator: TestReplicator,
  first: TestService,
  second: TestService,
): Promise<void> {
  const { mark, verify, signal } = stage;
  second.process.pause();
  mark(`${second.id}, which learns of everything ${seconds(LATE_MS)} late, stands still`);
  await runs(stage, replicator, TASK, [second]);
  await rowsArrive(stage, replicator, TASK, 300);
  const before = (await replicator.status(TASK))?.lastCommit;
  second.process.resume();
  mark(`${first.id} has taken over; ${second.id} wakes and writes on`);
  const view = await until('two refusals', { timeoutMs: WAIT_MS, signal }, async () => {
    const seen = await replicator.view(second);
    return seen.refusedByTarget > 0 && seen.refusedByLastCommit > 0 ? seen : undefined;
  }).catch(() => replicator.view(second));
  mark(`refused: ${view.lastRefusal}`);
  const after = (await replicator.status(TASK))?.lastCommit;
  verify(
    'who does not look is refused by the fence in the target',
    view.refusedByTarget > 0,
    `${view.refusedByTarget} times`,
  );
  verify(
    'and by the version of lastCommit',
    view.refusedByLastCommit > 0,
    `${view.refusedByLastCommit} times; ${view.lastRefusal}`,
  );
  verify(
    'lastCommit stays with the later fence',
    before !== undefined && before?.fence === after?.fence,
    `fence ${before?.fence} before it woke, ${after?.fence} after; position ${after?.gtid}`,
  );
}

async function pause({ signal }: DemoStage, ms: number): Promise<void> {
  const endMs = performance.now() + ms;
  await until('the end of the pause', { timeoutMs: WAIT_MS, signal, everyMs: 20 }, async () =>
    performance.now() >= endMs ? true : undefined,
  );
}
