/** The whole ensemble is killed: collection goes on, and nobody is declared dead when it is back. */
import { setTimeout as sleep } from 'node:timers/promises';
import { ENSEMBLE, findGroup } from '@menagerie/topology';
import type { Demo } from '../demo.js';
import { until } from '../until.js';
import { LogsRig, moved, seconds } from './rig.js';

const DOWN_MS = 12_000;
const WAIT_MS = 90_000;
const WATCHED_MS = 8_000;

export const logsEnsembleDown: Demo = {
  name: 'logs-ensemble-down',
  title: 'every server of the ensemble is killed, and started again after 12 s',
  promises: [
    'collectors go on with the list they had: lines arrive while there is no ensemble',
    'when it is back every report is old, and nobody is declared dead for that; nothing moves',
  ],
  breaksEnsemble: true,
  async run(context) {
    const { chaos, mark, verify, signal, plan } = context;
    await using rig = await LogsRig.open(context);
    const before = await rig.settled();
    const servers = findGroup(plan, ENSEMBLE).processes.map(({ id }) => id);
    for (const id of servers) await chaos.kill(id);
    const downSinceMs = Date.now();
    const linesBefore = await rig.collectedLines();
    mark(`${servers.join(', ')} killed (SIGKILL): there is no ensemble`);
    await sleep(DOWN_MS, undefined, { signal });
    const lines = (await rig.collectedLines()) - linesBefore;
    const unconfirmed = (await Promise.all([...new Set(before.values())].map((id) => rig.duties(id)))).filter(
      ({ confirmed }) => !confirmed,
    );
    mark(`${lines} lines arrived without it; ${unconfirmed.length} collectors call their lists unconfirmed`);
    await Promise.all(servers.map((id) => chaos.restart(id)));
    mark('the ensemble is back');
    await until('a leading allocator', { timeoutMs: WAIT_MS, signal }, async () =>
      (await rig.reign()).collectors.every(({ verdict }) => verdict === 'alive') ? true : undefined,
    );
    mark('an allocator leads, all collectors report');
    await sleep(WATCHED_MS, undefined, { signal });
    const after = await rig.settled();
    const events = await rig.client.events(downSinceMs);
    const dead = events.filter((event) => event.kind === 'verdict' && event.to === 'dead');
    verify(
      'collection went on without an ensemble',
      lines > 0 && unconfirmed.length > 0,
      `${lines} lines in ${seconds(DOWN_MS)}; ${unconfirmed.length} of the collectors said unconfirmed`,
    );
    verify(
      'nobody was declared dead, nothing has moved',
      dead.length === 0 && moved(before, after) === 0,
      `${dead.length} declared dead, ${moved(before, after)} of the lists differ`,
    );
    await rig.verifyLines();
  },
};
