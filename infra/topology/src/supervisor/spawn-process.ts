/** Starts one process of the plan so that it cannot outlive the supervisor that starts it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';

import type { ProcessPlan } from '../declare/plan.js';

export type Child = ChildProcessByStdio<null, Readable, Readable>;

/** What npm and Nx tell their children is of no concern to a service. */
const NOT_INHERITED = /^(npm_|NX_|INIT_CWD$|FORCE_COLOR$|NODE_TEST_CONTEXT$|VITEST)/;

/** Only root may give a process another group id; without it everything works but `chaos partition`. */
export const marksPackets = (): boolean => process.getuid?.() === 0;

/**
 * Writes the process's files and spawns it. The kernel kills it when this process dies, however it dies (prctl(2),
 * PR_SET_PDEATHSIG), so that nothing is left behind by `kill -9`. It leads a process group of its own, so that
 * what it leaves behind can be found.
 * @param root the root of the repository, and the working directory of every process
 */
export function spawnProcess(plan: ProcessPlan, root: string): Child {
  mkdirSync(plan.dataDir, { recursive: true });
  for (const [file, content] of Object.entries(plan.files)) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  const mark = marksPackets() ? ['--regid', String(plan.gid), '--keep-groups'] : [];
  const command = [...mark, '--pdeathsig', 'KILL', '--', process.execPath, plan.program, ...plan.args];
  const inherited = Object.entries(process.env).filter(([name]) => !NOT_INHERITED.test(name));
  return spawn('setpriv', command, {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...plan.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
}
