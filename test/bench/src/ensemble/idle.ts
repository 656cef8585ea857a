/** A server with nothing to do: how soon it serves, what it holds, what a transaction costs its disk. */
import { readFileSync } from 'node:fs';
import { waitFor, type TestServer } from '@menagerie/zookeeper-testing';
import type { Part } from '../harness/bench.js';
import { load, prepare } from '../load/load.js';
import { residentMiB } from '../load/process-usage.js';
import { hostsOf, onlyServer, startEngine } from './engines.js';

const STARTS = 3;
const START_LIMIT_MS = 60_000;

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
    record.add({ name: 'memory, idle', unit: 'MiB', target: { ratioAtMost: 0.8 } }, residentMiB(server.pid!));
  },
};

export const disk: Part = {
  about: 'bytes written a transaction, of 1 KiB: in batches, and one at a time',
  async run(subject, record) {
    await using ensemble = await startEngine(subject, { servers: 1 });
    const hosts = hostsOf(ensemble);
    const { pid } = onlyServer(ensemble);
    await prepare(hosts, 1024);
    for (const [name, connections, outstanding, limit] of [
      ['in batches', 8, 64, 20_000],
      ['one at a time', 1, 1, 2_000],
    ] as const) {
      const before = bytesWritten(pid!);
      await load({ hosts, op: 'set', connections, outstanding, size: 1024, warmupMs: 0, limit });
      record.add({ name: `bytes to disk a set of 1 KiB, ${name}`, unit: 'B' }, (bytesWritten(pid!) - before) / limit);
    }
  },
};

/** What a process had the kernel write to storage so far. */
function bytesWritten(pid: number): number {
  const line = /^write_bytes: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, 'utf8'));
  if (!line) throw new Error(`/proc/${pid}/io has no write_bytes line`);
  return Number(line[1]);
}
