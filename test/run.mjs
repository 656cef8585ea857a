#!/usr/bin/env node
/**
 * `npm test`: installs the peer servers the tests compare with, builds, lints, checks the format, runs every test.
 * Ends in one plain line: `N passed, N failed, N skipped`.
 *
 * `npm test -- FILTER...` runs the tests whose path contains a filter, with no lint and no format check.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const filters = process.argv.slice(2);
process.env.NX_DAEMON = 'false';

/** Debian's packages that tests run beside our own servers. A test that lacks one is skipped and says so. */
const peers = [
  { package: 'zookeeper', file: '/usr/share/java/zookeeper.jar', why: 'Apache ZooKeeper 3.8, the peer' },
  { package: 'nftables', file: '/usr/sbin/nft', why: 'the packet filter that partitions cut links with' },
  { package: 'iproute2', file: '/usr/sbin/ip', why: 'a network of its own for each server that is cut off' },
  { package: 'strace', file: '/usr/bin/strace', why: 'disks that are slow or fail' },
  { package: 'libfaketime', file: '/usr/share/doc/libfaketime', why: 'clocks that jump' },
  { package: 'mariadb-server-core', file: '/usr/sbin/mariadbd', why: 'databases in private folders' },
  { package: 'bind9-dnsutils', file: '/usr/bin/dig', why: 'questions to the DNS front' },
];

function run(title, command, args, options = {}) {
  process.stdout.write(`\n== ${title}\n`);
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (error) process.stdout.write(`${command}: ${error.message}\n`);
  return status === 0 && !signal;
}

function installPeers() {
  const missing = peers.filter((peer) => !existsSync(peer.file));
  if (missing.length === 0) return;
  const names = missing.map((peer) => peer.package);
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    process.stdout.write(
      `not root on Debian: ${names.join(', ')} not installed, the tests that need them are skipped\n`,
    );
    return;
  }
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  run(
    `install ${names.join(', ')} (${missing.map((peer) => peer.why).join('; ')})`,
    'sh',
    [
      '-c',
      `apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends ${names.join(' ')} >/dev/null`,
    ],
    { env },
  );
}

const fail = (what) => {
  process.stdout.write(`\n${what} failed\n0 passed, 1 failed\n`);
  process.exit(1);
};

installPeers();
if (!run('build, and the types of the tests', 'npx', ['tsc', '-b', '.', 'tsconfig.specs.json'])) fail('build');
if (!run('zk-server in one file', 'node', ['infra/ensemble/bundle.mjs'])) fail('build');
if (filters.length === 0) {
  if (!run('lint, boundaries included', 'npx', ['eslint', '.', '--max-warnings', '0'])) fail('lint');
  if (!run('format', 'npx', ['prettier', '--check', '--log-level', 'warn', '.']))
    fail('format (npm run format mends it)');
}

const scratch = mkdtempSync(join(tmpdir(), 'menagerie-test-'));
const report = join(scratch, 'report.json');
const passed = run('tests', 'npx', [
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...filters,
]);
let counts = { numPassedTests: 0, numFailedTests: 1, numPendingTests: 0, numTodoTests: 0 };
try {
  counts = JSON.parse(readFileSync(report, 'utf8'));
} catch {
  process.stdout.write('no test report was written\n');
}
rmSync(scratch, { recursive: true, force: true });
const failed = counts.numFailedTests + (!passed && counts.numFailedTests === 0 ? 1 : 0);
process.stdout.write(`\n${counts.numPassedTests} passed, ${failed} failed, ${counts.numPendingTests} skipped\n`);
process.exit(passed ? 0 : 1);
