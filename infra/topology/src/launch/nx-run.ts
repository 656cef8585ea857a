/** `nx run-many --target=serve` as a child process: the one way in which the system is started. */
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

import type { GroupPlan } from '../declare/plan.js';
import { settingsEnvironment, type Settings } from '../declare/settings.js';
import { launcherEnvironment } from '../supervisor/launcher-watch.js';
import { LineSplitter } from '../supervisor/line-splitter.js';

export interface NxRun {
  /** Resolves when Nx has ended, with its exit code. */
  readonly ended: Promise<number | null>;
  /** Last resort: ends Nx at once. The supervisors notice and stop. */
  kill(): void;
}

export interface NxRunOptions {
  readonly root: string;
  readonly settings: Settings;
  readonly groups: readonly GroupPlan[];
  readonly verbose: boolean;
  readonly onLine: (line: string) => void;
}

/**
 * Nx gets a session of its own, so that Ctrl-C in the terminal reaches the launcher alone and the stop has an order.
 * When the launcher dies, the kernel ends Nx.
 */
export function runNx({ root, settings, groups, verbose, onLine }: NxRunOptions): NxRun {
  const nx = join(dirname(createRequire(join(root, 'package.json')).resolve('nx/package.json')), 'dist/bin/nx.js');
  const projects = groups.map((group) => group.project).join(',');
  const args = ['run-many', '--target=serve', `--projects=${projects}`, '--excludeTaskDependencies'];
  const child = spawn(
    'setpriv',
    ['--pdeathsig', 'TERM', '--', process.execPath, nx, ...args, '--outputStyle=stream-without-prefixes'],
    {
      cwd: root,
      env: {
        ...process.env,
        ...settingsEnvironment(settings),
        ...launcherEnvironment(),
        MENAGERIE_VERBOSE: String(verbose),
        // A daemon would outlive us, and nothing here needs the network.
        NX_DAEMON: 'false',
        NX_NO_CLOUD: 'true',
        NX_TUI: 'false',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    const lines = new LineSplitter(onLine);
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => lines.push(text));
    stream.on('end', () => lines.end());
  }
  const ended = new Promise<number | null>((resolve) => {
    child.on('error', (error) => onLine(`cannot start Nx: ${error.message}`));
    child.on('close', (code) => resolve(code));
  });
  return { ended, kill: () => void child.kill('SIGKILL') };
}
