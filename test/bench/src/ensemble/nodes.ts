/** A million nodes: what they cost in memory, how a server starts with them, and who waits while it saves them. */
import { copyFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestServer } from '@menagerie/zookeeper-testing';
import type { Part } from '../harness/bench.js';
import { load, prepare } from '../load/load.js';
import { residentMiB } from '../load/process-usage.js';
import { hostsOf, onlyServer, startEngine } from './engines.js';
import { timeToServe } from './idle.js';

const SIZE = 100;
/** So small that one snapshot follows the other while the replies are watched. */
const SNAP_COUNT = 4000;
const WATCH_MS = 8000;
/** On a busy disk the first snapshot may take longer than that. */
const WATCHES_AT_MOST = 5;

const title = (nodes: number): string => `${nodes.toLocaleString('en-US')} nodes of ${SIZE} B`;

/** All under one parent, as clients make them. */
async function createNodes(hosts: readonly string[], nodes: number) {
  await prepare(hosts, SIZE);
  const crowd = { connections: 8, outstanding: 64, size: SIZE } as const;
  return load({ hosts, op: 'create', ...crowd, warmupMs: 0, limit: nodes });
}

export const growth: Part = {
  about: 'memory of one server after clients made a million nodes',
  maxRounds: 1,
  async run(subject, record, context) {
    const nodes = context.setting('nodes');
    await using ensemble = await startEngine(subject, { servers: 1 });
    const server = onlyServer(ensemble);
    const { perSecond } = await createNodes(hostsOf(ensemble), nodes);
    record.add({ name: `creating ${title(nodes)}`, unit: 'op/s' }, perSecond);
    const memory = { name: `memory, ${title(nodes)}, just made`, unit: 'MiB', target: { ratioAtMost: 0.5 } };
    record.add(memory, residentMiB(server.pid!));
  },
};

export const nodes: Part = {
  about: 'a million nodes on disk, the same files for both: start, memory, snapshots and the longest wait beside them',
  async run(subject, record, context) {
    const count = context.setting('nodes');
    const files = await dataset(count);
    await using ensemble = await startEngine(subject, { servers: 1, config: { snapCount: String(SNAP_COUNT) } });
    const server = onlyServer(ensemble);
    await ensemble.stop(server.id);
    const directory = versionDirectory(server);
    rmSync(directory, { recursive: true });
    placeFiles(files, directory);
    const start = { name: `exec to serving, ${title(count)}`, unit: 'ms', target: { ratioAtMost: 0.7 } };
    record.add(start, await timeToServe(server));
    const memory = { unit: 'MiB', target: { ratioAtMost: 0.5 } };
    record.add({ name: `memory, ${title(count)}, after the start`, ...memory }, residentMiB(server.pid!));

    const since = Date.now();
    const one = { hosts: hostsOf(ensemble), op: 'mix', readPercent: 50, connections: 1, outstanding: 1 } as const;
    let longestUs = 0;
    let took: number[] = [];
    for (let watched = 0; took.length === 0; watched++) {
      if (watched === WATCHES_AT_MOST)
        throw new Error(`no snapshot in ${watched * WATCH_MS} ms: nothing to be held up by`);
      const { maxUs } = await load({ ...one, size: SIZE, warmupMs: 0, measureMs: WATCH_MS });
      longestUs = Math.max(longestUs, maxUs);
      took = snapshotsMs(directory, since);
    }
    for (const tookMs of took) record.add({ name: `writing a snapshot of ${title(count)}`, unit: 'ms' }, tookMs);
    const stall = { name: `longest wait while ${title(count)} are saved`, unit: 'ms', target: { under: 20 } };
    record.add(stall, longestUs / 1000);
    record.add({ name: `memory, ${title(count)}, after snapshots`, ...memory }, residentMiB(server.pid!));
  },
};

const versionDirectory = (server: TestServer): string => join(server.dataDir, 'version-2');

/** Snapshots begun and finished after `sinceMs`: how long each took. */
function snapshotsMs(directory: string, sinceMs: number): number[] {
  return readdirSync(directory)
    .filter((name) => name.startsWith('snapshot.'))
    .map((name) => statSync(join(directory, name)))
    .filter(({ birthtimeMs }) => birthtimeMs >= sinceMs)
    .map(({ birthtimeMs, mtimeMs }) => mtimeMs - birthtimeMs);
}

/** Where the files are kept from one run to the next: making them takes longer than all that is measured with them. */
const keptIn = (nodes: number): string => join(import.meta.dirname, '../../../../.data/bench', `nodes-${nodes}`);

/** A data directory with that many nodes: its newest snapshot and the log from there, written by our server. */
async function dataset(nodes: number): Promise<string> {
  const kept = keptIn(nodes);
  if (existsSync(kept)) return kept;
  await using ensemble = await startEngine('menagerie', { servers: 1 });
  const server = onlyServer(ensemble);
  await createNodes(hostsOf(ensemble), nodes);
  await ensemble.stop(server.id);
  const unfinished = `${kept}.tmp`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  placeFiles(versionDirectory(server), unfinished);
  renameSync(unfinished, kept);
  return kept;
}

/** The newest snapshot and the log files that follow it. A snapshot is never written again, so a link will do. */
function placeFiles(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  const zxid = (name: string): bigint => BigInt(`0x${name.slice(name.indexOf('.') + 1)}`);
  const byZxid = (one: string, other: string): number => Number(zxid(one) - zxid(other));
  const names = readdirSync(from);
  const snapshot = names
    .filter((name) => name.startsWith('snapshot.'))
    .sort(byZxid)
    .pop();
  if (snapshot === undefined) throw new Error(`expected a snapshot in ${from}, found ${names.join(' ') || 'nothing'}`);
  const logs = names.filter((name) => name.startsWith('log.')).sort(byZxid);
  const next = logs.findIndex((name) => zxid(name) > zxid(snapshot));
  const first = next < 0 ? logs.length - 1 : Math.max(0, next - 1);
  linkOrCopy(join(from, snapshot), join(to, snapshot));
  for (const log of logs.slice(first)) copyFileSync(join(from, log), join(to, log));
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch {
    // Another file system.
    copyFileSync(from, to);
  }
}
