/** SIGSTOP of the active ResourceManager past its session, and what happens when it goes on. */
import type { ClusterInfo } from '@menagerie/yarn-protocol';

import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import { prepareJob } from './job.js';
import { addressOf, infoOf, rolesNow } from './roles.js';
import { beginSubmission } from './slow-submission.js';
import { type FenceView, readApplication, readFence, readLock } from './znodes.js';

const TAKEOVER_MS = 60_000;
const STEP_DOWN_MS = 30_000;
const CALM_MS = 30_000;
const KILLED_MS = 60_000;

export const yarnZombie: Demo = {
  name: 'yarn-zombie',
  title: 'the active ResourceManager is stopped past its session, then goes on as if nothing had happened',
  promises: [
    'the standby takes over and puts its own fence on the root of the state store',
    'the next write of the old one, which still believes to be active, is refused with NoAuth',
    'it steps down to standby, and nothing that it tried is in the store',
  ],
  breaksEnsemble: false,
  run,
};

async function run(context: DemoContext): Promise<void> {
  const { chaos, mark, verify, plan, signal, yarn, zk } = context;
  const { active: zombie, standby: successor } = await rolesNow(context);
  const fenceBefore = await readFence(zk);
  const before = await infoOf(context, zombie);
  // An application of the zombie's own making: its id has the time of the zombie's reign in it.
  const { applicationId } = await yarn.newApplication({ signal });
  const { request } = prepareJob(context, applicationId, 'zombie');
  const submission = await beginSubmission(addressOf(context, zombie).address, request);
  mark(`${zombie} is active and takes a submission of ${applicationId}; half of it is sent`);

  const { pid } = await chaos.pause(zombie);
  mark(`${zombie} stopped (SIGSTOP, process ${pid})`);
  const takeover = { timeoutMs: TAKEOVER_MS, signal };
  const lock = await until(`${successor} holds the lock`, takeover, async () => {
    const now = await readLock(zk, plan);
    return now?.rmId === successor ? now : undefined;
  });
  mark(`its session has expired: ${successor} holds the lock`);
  await until(`${successor} active`, takeover, async () =>
    (await infoOf(context, successor)).haState === 'ACTIVE' ? true : undefined,
  );
  const fenceAfter = await readFence(zk);
  mark(`${successor} is active behind its own fence (the root's ACL was set for the ${fenceAfter.aclVersion}. time)`);

  submission.finish();
  mark('the other half of the submission is sent; it waits in the socket of the stopped process');
  const calm = await calmView(context, successor);
  await chaos.resume(zombie);
  mark(`${zombie} goes on (SIGCONT)`);
  const after = await until(`${zombie} standby`, { timeoutMs: STEP_DOWN_MS, signal }, async () => {
    const info = await infoOf(context, zombie);
    const fenced = info.store.counters.fenced > before.store.counters.fenced;
    return info.haState === 'STANDBY' && fenced ? info : undefined;
  });
  mark(`${zombie} answered the submission with ${await submission.answer}`);
  mark(`${zombie} was then refused by the store, and is standby`);
  const stored = await readApplication(zk, applicationId);
  // What its client does in such a case: it asks whoever is active, under the same id.
  await yarn.submit(request, { signal });
  const again = await readApplication(zk, applicationId);
  mark(`${applicationId} submitted again, to ${successor}, which stores it`);
  await yarn.kill(applicationId, 'the demo is over', { signal });
  await yarn.waitFor(applicationId, { timeoutMs: KILLED_MS, signal });
  const end = await calmView(context, successor);

  verify(
    'the standby took over behind a fence of its own',
    fenceAfter.aclVersion === fenceBefore.aclVersion + 1 && fenceAfter.holder !== fenceBefore.holder,
    `version of the root's ACL: ${fenceBefore.aclVersion} to ${fenceAfter.aclVersion}; ${fenceBefore.holder} to ${fenceAfter.holder}`,
  );
  const written = after.store.counters.committed - before.store.counters.committed;
  const refused = after.store.counters.fenced - before.store.counters.fenced;
  verify(
    `${zombie}'s write was refused`,
    refused >= 1 && written === 0,
    `${refused} refused with NoAuth, ${written} committed`,
  );
  const active = await readLock(zk, plan);
  verify(
    `${zombie} stepped down, ${successor} never noticed`,
    after.haState === 'STANDBY' && active?.czxid === lock.czxid,
    `${zombie} ${after.haState}; lock of ${active?.rmId}, the one made by zxid 0x${active?.czxid.toString(16)}`,
  );
  verify(
    'what it had accepted is not in the store, and the same submission to the active is',
    stored === undefined && again !== undefined,
    `${applicationId}: ${stored === undefined ? 'no node' : 'there'}, then ${again === undefined ? 'no node' : 'there'}`,
  );
  const commits = end.committed - calm.committed;
  const changes = end.fence.childChanges - calm.fence.childChanges;
  verify(
    'nobody but the active has written since',
    commits > 0 && changes === 2 * commits,
    `${changes} changes of the root's children, ${commits} transactions of ${successor}, which make two each`,
  );
}

/** The fence and the successor's count of its commits, read at a moment at which neither changed. */
async function calmView(context: DemoContext, rmId: string): Promise<{ fence: FenceView; committed: number }> {
  const count = async (): Promise<ClusterInfo['store']['counters']> => (await infoOf(context, rmId)).store.counters;
  return await until('a calm store', { timeoutMs: CALM_MS, signal: context.signal }, async () => {
    const first = await count();
    await context.zk.sync('/');
    const fence = await readFence(context.zk);
    const second = await count();
    const calm = first.committed === second.committed && first.queued === 0 && second.queued === 0;
    return calm ? { fence, committed: second.committed } : undefined;
  });
}
