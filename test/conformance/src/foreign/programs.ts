/**
 * Programs written for ZooKeeper by others, as they come from Debian, against one server of either kind. Each gives lines
 * that are counted, and two that are put beside each other.
 */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocatePort, type Engine, releasePort, startTestEnsemble } from '@menagerie/zookeeper-testing';

export interface Score {
  readonly passed: number;
  readonly total: number;
  /** What did not pass, a line each. */
  readonly failures: readonly string[];
}

export interface ForeignProgram {
  readonly name: string;
  /** Why it can not run here; null if it can. */
  readonly missing: () => string | null;
  /** How many answers of the reference count, where the program itself does not say what is right. */
  run(engine: Engine): Promise<Score>;
}

const JAVA = '/usr/share/java';
const PYTHON = '/usr/bin/python3';
const KAZOO_TESTS = '/usr/lib/python3/dist-packages/kazoo/tests';
const ZK_CLI = '/usr/share/zookeeper/bin/zkCli.sh';
const CLI_MT = '/usr/lib/zookeeper/bin/cli_mt';
const ROOT = join(import.meta.dirname, '../../../..');
const MINUTE_MS = 60_000;

interface Output {
  readonly stdout: string;
  readonly stderr: string;
}

function run(file: string, args: readonly string[], more: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
  return new Promise<Output>((resolve, reject) => {
    const child = spawn(file, args, { stdio: 'pipe', timeout: 20 * MINUTE_MS, ...more });
    const chunks = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk: Buffer) => (chunks.stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (chunks.stderr += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(chunks));
    child.stdin.end();
  });
}

const without =
  (...paths: string[]) =>
  (): string | null => {
    const gone = paths.find((path) => !existsSync(path));
    return gone === undefined ? null : `${gone} is not there`;
  };

async function onServer<T>(engine: Engine, work: (address: string) => Promise<T>): Promise<T> {
  await using ensemble = await startTestEnsemble({
    engine,
    tickTimeMs: 2000,
    config: { extendedTypesEnabled: 'true', forceSync: 'no' },
  });
  // Awaited here: the ensemble ends with this function.
  return await work(ensemble.connectString);
}

/** Every jar under the name without a version. */
function classPath(pattern: RegExp): string {
  const jars = readdirSync(JAVA).filter((name) => pattern.test(name) && !/-\d[\d.]*\w*\.jar$/.test(name));
  return jars.map((name) => join(JAVA, name)).join(':');
}

const SERVER_JARS =
  /^(zookeeper|zookeeper-jute|slf4j-api|slf4j-simple|commons-cli|metrics-core|snappy-java|netty-\w+|jetty9-(server|servlet|http|io|security|util|util-ajax)|servlet-api|jackson-\w+)\.jar$/;

/** kazoo's own tests start their servers by the name of `java`: for ours, one that is found first runs bin/zk-server. */
const kazoo: ForeignProgram = {
  name: "kazoo 2.8, its own tests (Debian's python3-kazoo; with SASL by python3-pure-sasl)",
  missing: without(
    KAZOO_TESTS,
    '/usr/lib/python3/dist-packages/mock',
    '/usr/lib/python3/dist-packages/pytest',
    '/usr/lib/python3/dist-packages/objgraph.py',
  ),
  run: async (engine) => {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-kazoo-'));
    const port = await allocatePort();
    try {
      const java = join(folder, 'java');
      writeFileSync(java, JAVA_STAND_IN);
      chmodSync(java, 0o755);
      const env = {
        ...process.env,
        ZOOKEEPER_CLASSPATH: classPath(SERVER_JARS),
        ZOOKEEPER_VERSION: '3.8.0',
        ZOOKEEPER_PORT_OFFSET: String(port - (port % 100)),
        ZOOKEEPER_JAAS_AUTH: 'digest',
        ...(engine === 'menagerie'
          ? { PATH: `${folder}:${process.env['PATH'] ?? ''}`, ZK_SERVER: join(ROOT, 'bin/zk-server') }
          : {}),
      };
      const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--tb=no', '--pyargs', 'kazoo.tests'];
      // Those two run all the others once more on another event loop.
      const fewer = ['--ignore-glob=*eventlet*', '--ignore-glob=*gevent*'];
      const { stdout } = await run(PYTHON, [...args, ...fewer], { env, cwd: folder });
      const count = (word: string): number => Number(new RegExp(`(\\d+) ${word}`).exec(stdout)?.[1] ?? 0);
      const failures = [...stdout.matchAll(/^(?:FAILED|ERROR) (.*)$/gm)].map(([, line]) => line!);
      const passed = count('passed');
      return { passed, total: passed + count('failed') + count('error'), failures };
    } finally {
      releasePort(port);
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** QuorumPeerMain as those tests call it: properties become lines of the configuration. */
const JAVA_STAND_IN = `#!/usr/bin/env bash
config="\${@: -1}"; copy="$config.menagerie"; cp "$config" "$copy"; echo >> "$copy"
for word in "$@"; do case "$word" in
  -Dzookeeper.log.dir=*|-Dzookeeper.root.logger=*) ;;
  -Dzookeeper.*) echo "\${word#-Dzookeeper.}" >> "$copy" ;;
  -Dreadonlymode.*|-Djava.security.auth.login.config=*|-Dznode.*) echo "\${word#-D}" >> "$copy" ;;
esac; done
exec node "$ZK_SERVER" --log-level warn "$copy"
`;

const curator: ForeignProgram = {
  name: "Curator 5.4, its recipes (Debian's libcurator-recipes-java)",
  missing: without(join(JAVA, 'curator-recipes.jar'), join(JAVA, 'guava.jar')),
  run: (engine) =>
    onServer(engine, async (address) => {
      const jars = classPath(
        /^(curator-.*|guava|failureaccess|zookeeper|zookeeper-jute|slf4j-api|slf4j-nop|netty-all|snappy-java|metrics-core|jackson-\w+)\.jar$/,
      );
      const source = join(import.meta.dirname, '../../src/foreign/CuratorRecipes.java');
      const { stdout } = await run('java', ['-cp', jars, source, address]);
      const passed = [...stdout.matchAll(/^PASS /gm)].length;
      const failures = [...stdout.matchAll(/^FAIL (.*)$/gm)].map(([, line]) => line!);
      return { passed, total: passed + failures.length, failures };
    }),
};

/** A program that says nothing for so long has answered, on both streams; one that never does is asked the next thing. */
const QUIET_MS = 400;
const PATIENCE_MS = 5000;

/**
 * One line after the other, each when the program has answered the one before: a C client that is told to quit gives up
 * what is on its way. Both streams, since it answers on standard error.
 *
 * @returns what was said before the first line, and after each
 */
async function saidTo(program: string, args: readonly string[], lines: readonly string[]): Promise<string[]> {
  const child = spawn(program, args, { stdio: 'pipe', timeout: 2 * MINUTE_MS });
  let said = '';
  let heardMs = performance.now();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      heardMs = performance.now();
    });
  }
  child.stdin.on('error', () => undefined);
  const closed = new Promise<void>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', () => resolve());
  });
  await answered(() => /CONNECTED/i.test(said), MINUTE_MS);
  const parts: string[] = [];
  let before = 0;
  for (const line of lines) {
    parts.push(said.slice(before));
    before = said.length;
    child.stdin.write(`${line}\n`);
    const asked = before;
    await answered(() => said.length > asked && performance.now() - heardMs > QUIET_MS, PATIENCE_MS);
  }
  child.stdin.end();
  await closed;
  return [...parts, said.slice(before)];
}

async function answered(condition: () => boolean, patienceMs: number): Promise<void> {
  const giveUpMs = performance.now() + patienceMs;
  while (!condition() && performance.now() < giveUpMs) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** A dialogue has no verdict of its own: what Apache's server makes the program say is what is right. */
function dialogue(
  name: string,
  program: string,
  args: (address: string) => string[],
  /** What it says once it has reached a server. */
  proof: RegExp,
  lines: readonly string[],
): ForeignProgram {
  let reference: readonly string[] | null = null;
  const saidBy = (engine: Engine): Promise<string[]> =>
    onServer(engine, async (address) =>
      // The order of children, watches and identities has no meaning: within one answer it is not compared.
      (await saidTo(program, args(address), lines)).flatMap((text) => normalLines(text).sort()),
    );
  return {
    name,
    missing: without(program),
    run: async (engine) => {
      reference ??= await saidBy('apache');
      // Two programs that reach no server say the same, too.
      const isTalk = reference.some((line) => proof.test(line));
      if (!isTalk)
        return {
          passed: 0,
          total: 1,
          failures: [`expected ${String(proof)} from Apache, got ${reference.join(' | ')}`],
        };
      const said = engine === 'apache' ? reference : await saidBy(engine);
      const failures = reference.flatMap((line, at) =>
        line === said[at] ? [] : [`expected ${JSON.stringify(line)}, it said ${JSON.stringify(said[at] ?? 'nothing')}`],
      );
      return { passed: reference.length - failures.length, total: reference.length, failures };
    },
  };
}

/** Without what differs from one run to the next: clocks, session ids, ports, and what the program logs. */
function normalLines(text: string): string[] {
  return text
    .split('\n')
    .filter(
      (line) =>
        !/ZOO_|INFO|WARN|DEBUG|SLF4J|JLine|Welcome|Connecting to|Watcher |state = |CONNECTING|Got a new session/.test(
          line,
        ),
    )
    .map((line) =>
      line
        .replace(/\w{3} \w{3} +\d+ [\d:]+ [A-Z]+ \d{4}|\w{3} \w{3} +\d+ [\d:]+ \d{4}/g, 'TIME')
        .replace(/\[zk: [^\]]*\] ?/g, '')
        .replace(/0x[0-9a-f]{9,}|\b[0-9a-f]{14,16}\b/g, 'SESSION')
        .replace(/127\.0\.0\.1:\d+/g, 'ADDRESS')
        .replace(/(time|rc|elapsed)[ =:]+\d+ ?ms/gi, '$1')
        .trim(),
    )
    .filter((line) => line !== '');
}

const zkCli = dialogue("zkCli.sh (Debian's zookeeper)", ZK_CLI, (address) => ['-server', address], /^Created \/a$/, [
  'create /a one',
  'create /a again',
  'get -s /a',
  'set -v 5 /a two',
  'set -s /a two',
  'create -s /a/s- x',
  'create -e /a/e x',
  'create -c /c',
  'create -t 60000 /t x',
  'ls -s /a',
  'ls -R /',
  'stat /none',
  'getAllChildrenNumber /a',
  'getEphemerals /a',
  'delete /a',
  'setquota -n 10 /a',
  'listquota /a',
  'delquota /a',
  'addauth digest bob:pw',
  'whoami',
  'setAcl /c auth::cdrwa',
  'getAcl /c',
  'sync /a',
  'addWatch /a',
  'create /a/w x',
  'deleteall /a',
  'ls /',
  'config',
  'quit',
]);

const cliMt = dialogue(
  "the C client's cli_mt (Debian's zookeeper-bin)",
  CLI_MT,
  (address) => [address],
  /^\[\/a\]: rc = 0$/,
  [
    'create /a',
    'create +e /a/e',
    'create +s /a/s-',
    'set /a value',
    'get /a',
    'exists /a',
    'exists /none',
    'ls /',
    'ls2 /a',
    'sync /a',
    'delete /none',
    'delete /a',
    'addauth digest bob:pw',
    'quit',
  ],
);

export const programs: readonly ForeignProgram[] = [zkCli, cliMt, curator, kazoo];
