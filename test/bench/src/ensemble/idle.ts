/** A server with nothing to do: how soon it serves, what it holds, what a transaction costs its disk. */
import { closeSync, fdatasyncSync, ftruncateSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { waitFor, type TestServer } from '@menagerie/zookeeper-testing';
import type { Part } from '../harness/bench.js';
import { median } from '../harness/statistics.js';
import { load, prepare } from '../load/load.js';
import { residentMiB } from '../load/process-usage.js';
import { hostsOf, onlyServer, startEngine } from './engines.js';

const STARTS = 3;
const START_LIMIT_MS = 60_000;
/** Idle is a server that was started a moment ago, not one in the middle of it. */
const SETTLE_MS = 3000;
const PROBES = 1000;

/** From the launch of the process until it answers as one that serves. @returns milliseconds */
export async function timeToServe(server: TestServer): Promise<number> {
  const startedAt = performance.now();
  server.launch();
  await waitFor(() => server.mode(), { timeoutMs: START_LIMIT_MS, what: 'the server to serve', intervalMs: 2 });
  return performance.now() - startedAt;
}

export const idle: Part = {
  about: 'one server, empty: from exec to serving, and its memory',
  async run(subject, record) {
    await using ensemble = await startEngine(subject, { servers: 1 });
    const server = onlyServer(ensemble);
    for (let i = 0; i < STARTS; i += 1) {
      await ensemble.stop(server.id);
      record.add(
        { name: 'exec to serving, empty', unit: 'ms', target: { ratioAtMost: 0.4 } },
        await timeToServe(server),
      );
    }
    await setTimeout(SETTLE_MS);
    record.add({ name: 'memory, idle', unit: 'MiB', target: { ratioAtMost: 0.8 } }, residentMiB(server.pid!));
  },
};

export const disk: Part = {
  about: 'what a set of 1 KiB costs the disk: bytes, in batches and one at a time, and the wait for it',
  async run(subject, record) {
    await using ensemble = await startEngine(subject, { servers: 1 });
    const hosts = hostsOf(ensemble);
    const server = onlyServer(ensemble);
    const { pid } = server;
    await prepare(hosts, 1024);
    for (const [name, connections, outstanding, limit] of [
      ['in batches', 8, 64, 20_000],
      ['one at a time', 1, 1, 2_000],
    ] as const) {
      const before = bytesWritten(pid!);
      const { p50Us } = await load({ hosts, op: 'set', connections, outstanding, size: 1024, warmupMs: 0, limit });
      if (outstanding === 1) record.add({ name: 'set one at a time, 1 server: p50', unit: 'us' }, p50Us);
      record.add({ name: `bytes to disk a set of 1 KiB, ${name}`, unit: 'B' }, (bytesWritten(pid!) - before) / limit);
    }
    // Neither server answers a set sooner than the disk has it.
    record.add({ name: 'the disk itself: write and fdatasync of 1 KiB, p50', unit: 'us' }, syncUs(server.dataDir));
  },
};

/** Median of writing 1 KiB behind the last into a file of zeros, and having it on the disk: what a log does. */
function syncUs(directory: string): number {
  const path = join(directory, 'probe');
  const fd = openSync(path, 'w');
  try {
    ftruncateSync(fd, PROBES * 1024);
    const record = Buffer.alloc(1024, 1);
    const took = Array.from({ length: PROBES }, (_, i) => {
      const startedAt = performance.now();
      writeSync(fd, record, 0, record.length, i * record.length);
      fdatasyncSync(fd);
      return performance.now() - startedAt;
    });
    return median(took) * 1000;
  } finally {
    closeSync(fd);
    rmSync(path);
  }
}

/** What a process had the kernel write to storage so far. */
function bytesWritten(pid: number): number {
  const line = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'));
  if (!line) throw new Error(`/proc/${pid}/io has no write_bytes line`);
  return Number(line[1]);
}
