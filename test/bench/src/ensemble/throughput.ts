/** Operations a second and server CPU an operation, for each operation, value size and number of servers. */
import type { Part, PartContext, Recorder, Target } from '../harness/bench.js';
import { load, prepare, type LoadOptions } from '../load/load.js';
import { hostsOf, pidsOf, startEngine, type Size } from './engines.js';

export interface ThroughputOptions {
  readonly servers: Size;
  /** Bytes of a value. */
  readonly sizes: readonly number[];
  readonly ops: readonly LoadOptions['op'][];
  /** Before the first measurement, for Java's compilers and ours. */
  readonly firstWarmupMs?: number;
}

const FIRST_WARMUP_MS = 3000;
const WARMUP_MS = 300;
/** Where throughput is bounded by CPU, this is what is left for each client. */
const CROWD = { connections: 8, outstanding: 64 } as const;

/** What the issue asks for; everything else is measured for its own sake. */
function targets(op: LoadOptions['op'], size: number, servers: Size): { rate?: Target; cpu?: Target } {
  if (size !== 1024 || servers === 5) return {};
  if (op === 'get') return { rate: { ratioAtLeast: 2 }, cpu: { ratioAtMost: 0.35 } };
  if (servers !== 3) return {};
  return op === 'set' ? { rate: { ratioAtLeast: 2 }, cpu: { ratioAtMost: 0.35 } } : { rate: { ratioAtLeast: 2 } };
}

const targeted = (target: Target | undefined) => (target === undefined ? {} : { target });

/** 8 connections with 64 outstanding each, dealt over all servers. */
export function throughput(options: ThroughputOptions): Part {
  const { servers, sizes } = options;
  return {
    about: `operations a second and CPU: ${options.ops.join(', ')} at ${sizes.join(' and ')} B, ${serversText(servers)}`,
    run: (subject, record, context) => measure(options, subject, record, context),
  };
}

async function measure(options: ThroughputOptions, subject: string, record: Recorder, { measureMs }: PartContext) {
  const { servers, sizes, ops, firstWarmupMs = FIRST_WARMUP_MS } = options;
  await using ensemble = await startEngine(subject, { servers });
  const hosts = hostsOf(ensemble);
  let warmupMs = firstWarmupMs;
  for (const size of sizes) {
    await prepare(hosts, size);
    for (const op of ops) {
      if (warmupMs > WARMUP_MS) await load({ hosts, op: 'mix', size, ...CROWD, warmupMs: 0, measureMs: warmupMs });
      warmupMs = WARMUP_MS;
      const result = await load({ hosts, op, size, ...CROWD, warmupMs, measureMs, pids: pidsOf(ensemble) });
      const name = `${op} ${size} B, ${serversText(servers)}`;
      const { rate, cpu } = targets(op, size, servers);
      record.add({ name, unit: 'op/s', ...targeted(rate) }, result.perSecond);
      record.add({ name: `${name}: server CPU`, unit: 'us/op', ...targeted(cpu) }, result.serverCpuUs);
    }
  }
}

/** The figure of the ZooKeeper paper: throughput of three servers as the share of reads grows. */
export const readRatio: Part = {
  about: 'operations a second of three servers as the share of reads goes from 0 to 100 %, 1 KiB',
  async run(subject, record, { measureMs }) {
    await using ensemble = await startEngine(subject, { servers: 3 });
    const hosts = hostsOf(ensemble);
    const size = 1024;
    await prepare(hosts, size);
    await load({ hosts, op: 'mix', size, ...CROWD, warmupMs: 0, measureMs: FIRST_WARMUP_MS });
    for (const readPercent of READ_PERCENTS) {
      const { perSecond } = await load({
        hosts,
        op: 'mix',
        size,
        ...CROWD,
        readPercent,
        warmupMs: WARMUP_MS,
        measureMs,
      });
      record.add({ name: readRatioName(readPercent), unit: 'op/s', target: { ratioAtLeast: 1 } }, perSecond);
    }
  },
};

export const READ_PERCENTS: readonly number[] = [0, 20, 40, 60, 80, 100];
export const readRatioName = (readPercent: number): string => `${readPercent} % reads 1 KiB, 3 servers`;

const serversText = (servers: Size): string => (servers === 1 ? '1 server' : `${servers} servers`);
