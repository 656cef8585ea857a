/** kill -9 of the active ResourceManager in the middle of a job. */
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import { endOf, mapsOf, middleOf, submitJob, verifyCounts } from './job.js';
import { infoOf, rolesNow } from './roles.js';
import { readApplication, readEpoch, readLock } from './znodes.js';

const TAKEOVER_MS = 60_000;
const GOES_ON_MS = 90_000;

export const yarnFailover: Demo = {
  name: 'yarn-failover',
  title: 'kill -9 of the active ResourceManager in the middle of a job',
  promises: [
    'the standby takes the lock when the session of the dead one has expired, and becomes active',
    'the job goes on where it was, with the same master in the same container, and finishes',
    'its counts are those of the files, and the state store knows its end',
  ],
  breaksEnsemble: false,
  run,
};

async function run(context: DemoContext): Promise<void> {
  const { chaos, mark, verify, plan, signal, yarn, zk } = context;
  const { active, standby } = await rolesNow(context);
  const lockBefore = await readLock(zk, plan);
  const epochBefore = await readEpoch(zk);
  mark(`${active} is active, ${standby} is standby`);
  const job = await submitJob(context);
  const before = await middleOf(context, job);

  const { pid } = await chaos.kill(active);
  mark(`${active} killed (process ${pid})`);
  const takeover = { timeoutMs: TAKEOVER_MS, signal };
  const lockAfter = await until('another holder of the lock', takeover, async () => {
    const lock = await readLock(zk, plan);
    return lock !== undefined && lock.czxid !== lockBefore?.czxid ? lock : undefined;
  });
  mark(`its session has expired: ${lockAfter.rmId} holds the lock`);
  await until(`${standby} active`, takeover, async () =>
    (await infoOf(context, standby)).haState === 'ACTIVE' ? true : undefined,
  );
  mark(`${standby} has read the state store and is active`);
  const middle = await until('progress of the job', { timeoutMs: GOES_ON_MS, signal }, async () => {
    const report = await yarn.application(job.id);
    return mapsOf(report).done > mapsOf(before).done ? report : undefined;
  });
  mark(`the job goes on under ${standby}: ${mapsOf(middle).done} of ${mapsOf(middle).total} maps done`);
  const end = await endOf(context, job);

  const session = (id: bigint | undefined) => `0x${BigInt.asUintN(64, id ?? 0n).toString(16)}`;
  verify(
    'the standby took over',
    lockBefore?.rmId === active && lockAfter.rmId === standby,
    `lock: ${lockBefore?.rmId} (session ${session(lockBefore?.sessionId)}) to ${lockAfter.rmId} (${session(lockAfter.sessionId)})`,
  );
  const epoch = await readEpoch(zk);
  verify('the store counts one more life', epoch === epochBefore + 1, `epoch ${epochBefore} to ${epoch}`);
  const masters = end.attempts.map(({ containerId }) => containerId);
  verify(
    'the same master went on, in its container',
    end.attempts.length === 1 && masters[0] === before.attempts[0]?.containerId,
    `${end.attempts.length} attempt, container ${masters.join(', ')}`,
  );
  verify('the job finished', end.finalStatus === 'SUCCEEDED', `${end.state}, ${end.finalStatus}`);
  const stored = await readApplication(zk, job.id);
  verify('the store knows its end', stored?.finalState === 'FINISHED', `${job.id}: ${stored?.finalState ?? 'no node'}`);
  verifyCounts(context, job);
}
