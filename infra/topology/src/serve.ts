/**
 * `node infra/topology/dist/serve.js GROUP`: the command behind every `serve` target. Runs the group's processes in the
 * foreground until SIGTERM, SIGINT or the end of whoever started it.
 *
 * Exit code 0 after a stop, 2 when the group cannot run as things are (one line says why), 1 on any other failure.
 */
import { join } from 'node:path';

import { menagerie } from './declare/menagerie.js';
import { plan } from './declare/plan.js';
import { parseSettings, settingsFromEnvironment } from './declare/settings.js';
import { TopologyError } from './errors.js';
import { FAILURE_PREFIX } from './supervisor/failure-line.js';
import { watchLauncher } from './supervisor/launcher-watch.js';
import { Supervisor } from './supervisor/supervisor.js';

/** Long enough for the others to be built and started on a slow machine. */
const WAIT_MS = 180_000;

const print = (line: string) => {
  // Nobody may be left to read it; that is noticed elsewhere.
  process.stdout.write(`${line}\n`, () => undefined);
};
process.stdout.on('error', () => undefined);

try {
  const root = join(import.meta.dirname, '../../..');
  const supervisor = new Supervisor({
    plan: plan(menagerie, parseSettings(root, settingsFromEnvironment(process.env))),
    group: process.argv[2] ?? '',
    root,
    print,
    verbose: process.env['MENAGERIE_VERBOSE'] === 'true',
    waitMs: WAIT_MS,
  });
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => supervisor.stop());
  watchLauncher(process.env, (who) => {
    print(`${who} is gone: stopping`);
    supervisor.stop();
  });
  await supervisor.run();
  process.exit(0);
} catch (error) {
  if (!(error instanceof TopologyError)) throw error;
  process.stderr.write(`${FAILURE_PREFIX}${error.message}\n`);
  process.exit(2);
}
