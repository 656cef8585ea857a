/** kill -9 of the leading allocator: nothing moves, another goes on from the lists. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Demo } from '../demo.js';
import { until } from '../until.js';
import { LogsRig, moved, seconds } from './rig.js';

const WAIT_MS = 60_000;
const WATCHED_MS = 5_000;

export const logsAllocatorKill: Demo = {
  name: 'logs-allocator-kill',
  title: 'the leading allocator is killed with kill -9',
  promises: [
    'collection does not notice: lines arrive while nobody allocates',
    'the standby leads after the session, reads the lists as the truth and moves nothing',
  ],
  breaksEnsemble: false,
  async run(context) {
    const { chaos, mark, verify, signal } = context;
    await using rig = await LogsRig.open(context);
    const before = await rig.settled();
    const { leader } = await rig.reign();
    const linesBefore = await rig.collectedLines();
    const killedAtMs = performance.now();
    await chaos.kill(leader);
    mark(`${leader}, which leads, killed (SIGKILL)`);
    const next = await until('another leader', { timeoutMs: WAIT_MS, signal }, async () => {
      const reign = await rig.reign();
      return reign.leader !== leader && reign.polls > 0 ? reign : undefined;
    });
    const tookMs = performance.now() - killedAtMs;
    const meanwhile = (await rig.collectedLines()) - linesBefore;
    mark(`${next.leader} leads after ${seconds(tookMs)}; ${meanwhile} lines arrived meanwhile`);
    await sleep(WATCHED_MS, undefined, { signal });
    const after = await rig.settled();
    const { moves } = await rig.reign();
    verify('collection went on without an allocator', meanwhile > 0, `${meanwhile} lines in ${seconds(tookMs)}`);
    verify(
      'its successor moved nothing',
      moved(before, after) === 0 && moves === 0,
      `${moved(before, after)} of the lists differ, ${moves} moves counted by ${next.leader}`,
    );
    await rig.verifyLines();
  },
};
