/** kill -9 of the ensemble's leader in the middle of a job. */
import { CliError } from '../../errors.js';
import type { EnsembleServer } from '../../status/model.js';
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import { endOf, middleOf, submitJob, verifyCounts } from '../yarn/job.js';
import { rolesNow, sessionsOf } from '../yarn/roles.js';
import { readLock } from '../yarn/znodes.js';

const ELECTION_MS = 30_000;
const REJOIN_MS = 60_000;

export const ensembleLeaderKill: Demo = {
  name: 'ensemble-leader-kill',
  title: "kill -9 of the ensemble's leader in the middle of a job",
  promises: [
    'the two others elect a new leader, in a new epoch',
    'nobody loses a session: the lock of the active ResourceManager stays the same node all the time',
    'the job finishes, and its counts are those of the files',
    'the killed server comes back as a follower with everything that it missed',
  ],
  breaksEnsemble: true,
  run,
};

async function run(context: DemoContext): Promise<void> {
  const { chaos, mark, verify, plan, signal, zk } = context;
  const { active, standby } = await rolesNow(context);
  const leader = leaderOf((await context.status()).ensemble);
  if (leader === undefined) throw new CliError('CLI_DEMO_ROLE', 'expected a leader of the ensemble, found none');
  mark(`${leader.id} leads in epoch ${leader.epoch}; ${active} is active`);
  const job = await submitJob(context);
  await middleOf(context, job);
  const sessionsBefore = await sessionsOf(context, [active, standby]);
  const ownBefore = zk.session?.id;
  const lockBefore = await readLock(zk, plan);

  const { pid } = await chaos.kill(leader.id);
  mark(`${leader.id} killed (process ${pid})`);
  const successor = await until('a new leader', { timeoutMs: ELECTION_MS, signal }, async () => {
    const now = leaderOf((await context.status()).ensemble);
    return now !== undefined && now.id !== leader.id ? now : undefined;
  });
  mark(`${successor.id} leads in epoch ${successor.epoch}`);
  await until('an answer to a write through the new leader', { timeoutMs: ELECTION_MS, signal }, async () => {
    await zk.sync('/', { timeoutMs: 2_000 });
    return true;
  });
  mark('clients are served again');
  const end = await endOf(context, job);
  const sessionsAfter = await sessionsOf(context, [active, standby]);
  const lockAfter = await readLock(zk, plan);

  await chaos.restart(leader.id);
  const back = await until(`${leader.id} follows and has caught up`, { timeoutMs: REJOIN_MS, signal }, async () => {
    const { ensemble } = await context.status();
    const server = ensemble.find(({ id }) => id === leader.id);
    return server?.role === 'follower' && server.zxid === leaderOf(ensemble)?.zxid ? server : undefined;
  });
  mark(`${leader.id} is back as a follower, at zxid ${back.zxid}`);

  const epochs = `${leader.id} in epoch ${leader.epoch}, ${successor.id} in epoch ${successor.epoch}`;
  verify('another server leads, in a new epoch', (successor.epoch ?? 0) > (leader.epoch ?? 0), epochs);
  const lost = [...sessionsBefore].filter(([who, id]) => sessionsAfter.get(who) !== id);
  verify(
    'nobody lost a session',
    sessionsBefore.size > 0 && lost.length === 0 && zk.session?.id === ownBefore,
    [...sessionsAfter].map(([who, id]) => `${who} ${id}`).join(', '),
  );
  verify(
    'the lock was never let go',
    lockBefore !== undefined && lockAfter?.czxid === lockBefore.czxid && lockAfter.rmId === active,
    `lock of ${lockAfter?.rmId}, made by zxid 0x${lockAfter?.czxid.toString(16)} before and after`,
  );
  verify('the job finished', end.finalStatus === 'SUCCEEDED', `${end.state}, ${end.finalStatus}`);
  verifyCounts(context, job);
  verify('the killed server has caught up', back.role === 'follower', `${leader.id}: follower at zxid ${back.zxid}`);
}

function leaderOf(servers: readonly EnsembleServer[]): EnsembleServer | undefined {
  return servers.find(({ role }) => role === 'leader');
}
