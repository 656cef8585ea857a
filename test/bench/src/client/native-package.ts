/** The `zookeeper` package, which compiles Apache's C client: fetched for the bench, never a dependency. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = '7.3.0';
const INSTALL_TIMEOUT_MS = 600_000;

/** @returns the folder in which it is installed, or why it is not */
export function nativePackage(scratch: string): { readonly folder: string; readonly problem: string | null } {
  const folder = join(scratch, `zookeeper-${VERSION}`);
  mkdirSync(folder, { recursive: true });
  if (!loads(folder)) {
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'scratch', private: true }));
    const args = ['install', `zookeeper@${VERSION}`, '--no-audit', '--no-fund', '--loglevel=error'];
    const { status, stderr } = spawnSync('npm', args, { cwd: folder, timeout: INSTALL_TIMEOUT_MS, encoding: 'utf8' });
    if (status !== 0) return { folder, problem: `zookeeper@${VERSION} does not install: ${lastLine(stderr)}` };
  }
  return { folder, problem: loads(folder) ? null : `zookeeper@${VERSION} does not load` };
}

function loads(folder: string): boolean {
  if (!existsSync(join(folder, 'node_modules', 'zookeeper'))) return false;
  return spawnSync(process.execPath, ['-e', "require('zookeeper')"], { cwd: folder }).status === 0;
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
