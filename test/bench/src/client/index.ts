/**
 * Our client beside the two others that Node has, on the same server, in one run: node-zookeeper-client, in JavaScript,
 * and `zookeeper`, which binds Apache's C client. Rows name the peer; the second column is that peer.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import type { Bench, Part, Target } from '../harness/bench.js';
import type { ContestantName, Op } from './contestants.js';
import { nativePackage } from './native-package.js';
import type { Job, JobResult } from './worker.js';

const SCRATCH = join(import.meta.dirname, '../../../../.data/bench/client');
const WARMUP_MS = 1_000;
const ROWS: readonly (readonly [Op, number])[] = [
  ['get', 1],
  ['get', 100],
  ['set', 1],
  ['set', 100],
];

/** One server for all parts. */
let ensemble: Promise<TestEnsemble> | null = null;

async function startServer(sizeBytes: number): Promise<TestEnsemble> {
  const started = await startTestEnsemble({
    engine: 'menagerie',
    tickTimeMs: 2_000,
    config: { forceSync: 'no', preAllocSize: '1024' },
  });
  await using client = await ZooKeeper.connect({ connect: started.connectString, sessionTimeoutMs: 10_000 });
  await client.create('/bench-client', Buffer.alloc(sizeBytes, 'x'));
  return started;
}

function against(peer: Exclude<ContestantName, 'menagerie'>, op: Op, outstanding: number): Part {
  const how = outstanding === 1 ? 'one at a time' : `${outstanding} under way`;
  return {
    about: `${op}, ${how}, beside ${peer}: calls a second, latency, processor time a call`,
    async run(subject, record, { measureMs, setting }) {
      const sizeBytes = setting('size');
      ensemble ??= startServer(sizeBytes);
      const { connectString: address } = await ensemble;
      const native = peer === 'zookeeper' ? nativePackage(SCRATCH) : { folder: SCRATCH, problem: null };
      if (native.problem !== null) throw new Error(`skipped: ${native.problem}`);
      const contestant = subject === 'ours' ? 'menagerie' : peer;
      const shape = { op, outstanding, sizeBytes, warmupMs: WARMUP_MS, measureMs };
      const result = await runJob({ contestant, address, packageFolder: native.folder, ...shape });
      const name = `${op}, ${how}, beside ${peer}`;
      const add = (what: string, unit: string, value: number, target?: Target): void =>
        record.add({ name: `${name}: ${what}`, unit, ...(target && { target }) }, value);
      add('calls', '1/s', result.callsPerSecond, { ratioAtLeast: 1 });
      add('p50', 'us', result.p50Us, { ratioAtMost: 1 });
      add('p99', 'us', result.p99Us);
      add('CPU a call', 'us', result.cpuUsPerCall, { ratioAtMost: 1 });
    },
  };
}

async function runJob(job: Job): Promise<JobResult> {
  const worker = join(import.meta.dirname, 'worker.js');
  const timeout = job.warmupMs + job.measureMs + 60_000;
  const { stdout } = await promisify(execFile)(process.execPath, [worker, JSON.stringify(job)], { timeout });
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as JobResult;
}

const peers = ['node-zookeeper-client', 'zookeeper'] as const;

export const clientBench: Bench = {
  subjects: ['ours', 'peer'],
  titles: { ours: 'ours', peer: 'the peer' },
  settings: { size: 100 },
  close: async () => void (await (await ensemble)?.close()),
  parts: Object.fromEntries(
    peers.flatMap((peer) =>
      ROWS.map(([op, outstanding]) => [
        `${peer === 'zookeeper' ? 'native' : 'js'}-${op}-${outstanding}`,
        against(peer, op, outstanding),
      ]),
    ),
  ),
};
