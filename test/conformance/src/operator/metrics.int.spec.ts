/** What a running Apache 3.8 registers with its metrics provider, and what ours exports: the same names and types. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocatePort, apacheAvailable, releasePort } from '@menagerie/zookeeper-testing';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BEYOND, NOT_EXPORTED } from './not-exported.js';
import { OperatedEnsemble } from './operated-server.js';

const JARS = '/usr/share/java';
const { available, reason } = apacheAvailable();
const why = available ? (existsSync(JARS) ? null : `there is no ${JARS}`) : reason;

/** `counter`, `gauge`, `summary basic`, `summary advanced`, `set`, by name. */
async function registeredByApache(): Promise<ReadonlyMap<string, string>> {
  const folder = mkdtempSync(join(tmpdir(), 'menagerie-metrics-'));
  const port = await allocatePort();
  onTestFinished(() => {
    releasePort(port);
    rmSync(folder, { recursive: true, force: true });
  });
  const config = join(folder, 'zoo.cfg');
  writeFileSync(
    config,
    `dataDir=${folder}\ntickTime=500\nclientPort=${port}\nclientPortAddress=127.0.0.1\nadmin.enableServer=false\npreAllocSize=64\nmetricsProvider.className=MetricsLister$Provider\n`,
  );
  const jars = readdirSync(JARS).filter((name) =>
    /^(zookeeper|zookeeper-jute|slf4j-api|commons-cli|metrics-core|snappy-java|netty-[a-z]+)\.jar$/.test(name),
  );
  const classPath = jars.map((name) => join(JARS, name)).join(':');
  const source = join(import.meta.dirname, 'MetricsLister.java');
  const child = spawn('java', ['-XX:TieredStopAtLevel=1', '-Xmx128m', '-cp', classPath, source, config], {
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 50_000,
  });
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
  await new Promise((resolve) => child.once('close', resolve));
  expect(said).toMatch(/\ndone\n$/);
  const lines = said.trim().split('\n').slice(0, -1);
  return new Map(
    lines.map((line) => {
      const [type, name, level] = line.split(' ') as [string, string, string?];
      return [name, level === undefined ? type : `${type} ${level}`];
    }),
  );
}

/** As Prometheus reads it. */
function exported(text: string): ReadonlyMap<string, string> {
  const types = [...text.matchAll(/^# HELP (\S+) \1\n# TYPE \1 (\w+)\n((?:\1\S* \S+\n)+)/gm)];
  return new Map(
    types.map(([, name, type, lines]) => {
      const quantiles = [...lines!.matchAll(/\{quantile="([\d.]+)"\}/g)].map(([, part]) => part).join(',');
      const level = quantiles === '0.5' ? ' basic' : quantiles === '0.5,0.9,0.99' ? ' advanced' : quantiles;
      return [name!, `${type!}${level}`];
    }),
  );
}

const names = (fields: Record<string, unknown>): string[] => Object.keys(fields).sort();

/** Of `avg_x`, `p99_x` and a set's `avg_label_x` it is `x` that is listed. */
function isListed(name: string, listed: Readonly<Record<string, string>>): boolean {
  const base = name.replace(/^(avg|min|max|cnt|sum|p\d+)_/, '');
  return Object.keys(listed).some((known) => base === known || base.endsWith(`_${known}`));
}

describe.skipIf(why !== null)(`metrics beside Apache's${why === null ? '' : ` (skipped: ${why})`}`, () => {
  it('have the same names and types, but for those that are listed with a reason', async () => {
    await using ours = await OperatedEnsemble.start({ engine: 'embedded' });
    const theirs = await registeredByApache();
    const own = exported(await (await fetch(ours.url('/metrics'))).text());
    expect(theirs.size).toBeGreaterThan(140);
    const missing = [...theirs.keys()].filter((name) => !own.has(name)).sort();
    expect(missing).toEqual(Object.keys(NOT_EXPORTED).sort());
    for (const [name, type] of own) expect({ name, type }).toEqual({ name, type: theirs.get(name) ?? BEYOND[name] });
  }, 60_000);

  it('are the same in an ensemble, on the leader and on a follower', async () => {
    await using apache = await OperatedEnsemble.start({ engine: 'apache', servers: 3 });
    await using ours = await OperatedEnsemble.start({ engine: 'embedded', servers: 3 });
    const known = { ...NOT_EXPORTED, ...BEYOND };
    for (const role of ['leader', 'follower']) {
      const asked = async (of: OperatedEnsemble): Promise<string[]> => {
        for (const server of of.ensemble.servers) {
          if ((await server.mode()) !== role) continue;
          return names(await of.fields('monitor', server.id)).filter((name) => !isListed(name, known));
        }
        throw new Error(`expected a ${role}`);
      };
      const [theirs, own] = await Promise.all([asked(apache), asked(ours)]);
      expect({ role, names: own }).toEqual({ role, names: theirs });
    }
  }, 90_000);

  it('have true values: what a client does is counted as it is done', async () => {
    await using ours = await OperatedEnsemble.start({ engine: 'embedded', servers: 3 });
    const leader = await ours.ensemble.waitForLeader();
    const read = async (server: number): Promise<Record<string, number>> =>
      (await ours.fields('monitor', server)) as Record<string, number>;
    const before = await read(leader.id);
    await ours.client.create('/counted', 'x');
    await ours.client.exists('/counted/child', { watch: () => undefined });
    await ours.client.create('/counted/child', 'x');
    await ours.client.setData('/counted', 'y');
    const after = await read(leader.id);
    const grown = (name: string): number => after[name]! - before[name]!;
    expect(['proposal_count', 'commit_count', 'znode_count'].map(grown)).toEqual([3, 3, 2]);
    const servers = await Promise.all(ours.ensemble.servers.map(({ id }) => read(id)));
    const sum = (name: string): number => servers.reduce((total, one) => total + one[name]!, 0);
    expect(sum('cnt_node_created_watch_count')).toBe(1);
    expect(sum('diff_count') + sum('snap_count')).toBeGreaterThanOrEqual(2);
    expect(sum('looking_count')).toBe(3);
    for (const one of servers) {
      expect(one['cnt_unavailable_time']).toBe(1);
      expect(one['cnt_election_time']).toBe(1);
      expect(one['cnt_fsynctime']).toBeLessThanOrEqual(one['sync_processor_request_queued']!);
    }
    expect(servers.filter((one) => one['cnt_follower_sync_time'] === 1)).toHaveLength(2);
  }, 60_000);
});
