/** Operations a second and server CPU an operation, for each operation, value size and number of servers. */
import type { Engine } from '@menagerie/zookeeper-testing';
import type { Comparison } from '../comparison.js';
import { aFollower, hostsOf, pidsOf, startEngine, type Size } from '../engines.js';
import { load, prepare, type LoadOptions } from '../load.js';
import { cpuSeconds } from '../process-usage.js';

export interface ThroughputOptions {
  readonly servers: Size;
  /** Bytes of a value. */
  readonly sizes: readonly number[];
  readonly ops: readonly LoadOptions['op'][];
  readonly measureMs: number;
}

const AT_LEAST = { atLeast: 2 } as const;

/** 8 connections with 64 outstanding each, dealt over all servers. */
export async function measureThroughput(engine: Engine, options: ThroughputOptions, into: Comparison): Promise<void> {
  await using ensemble = await startEngine(engine, options.servers);
  const hosts = hostsOf(ensemble);
  for (const size of options.sizes) {
    await prepare(hosts, size);
    for (const op of options.ops) {
      const before = cpuSeconds(pidsOf(ensemble));
      const startedAt = performance.now();
      const result = await load({ hosts, op, connections: 8, outstanding: 64, size, measureMs: options.measureMs });
      const cpu = cpuSeconds(pidsOf(ensemble)) - before;
      // CPU is of the warm-up too, at the same pace; so are the operations it is divided by.
      const operations = (result.perSecond * (performance.now() - startedAt)) / 1000;
      const label = `${op} ${size} B, ${options.servers} server${options.servers === 1 ? '' : 's'}`;
      into.add({ name: label, unit: 'op/s', target: AT_LEAST }, engine, result.perSecond);
      into.add(
        { name: `${label}: server CPU`, unit: 'us/op', target: { atMost: 0.35 } },
        engine,
        (cpu / operations) * 1e6,
      );
    }
  }
}

/** One request at a time on one follower: what a single caller waits. */
export async function measureLatency(engine: Engine, measureMs: number, into: Comparison): Promise<void> {
  await using ensemble = await startEngine(engine, 3);
  const follower = await aFollower(ensemble);
  await prepare([follower.address], 1024);
  for (const op of ['set', 'get'] as const) {
    const result = await load({ hosts: [follower.address], op, connections: 1, outstanding: 1, size: 1024, measureMs });
    const target = op === 'set' ? { target: { atMost: 0.8 } } : {};
    into.add({ name: `${op} one at a time, on a follower: p50`, unit: 'us', ...target }, engine, result.p50Us);
    into.add({ name: `${op} one at a time, on a follower: p99`, unit: 'us', ...target }, engine, result.p99Us);
    into.add({ name: `${op} one at a time, on a follower: p99.9`, unit: 'us' }, engine, result.p999Us);
  }
}

/** The figure of the ZooKeeper paper: throughput of three servers as the share of reads grows. */
export async function measureReadRatio(engine: Engine, measureMs: number, into: Comparison): Promise<void> {
  await using ensemble = await startEngine(engine, 3);
  const hosts = hostsOf(ensemble);
  await prepare(hosts, 1024);
  for (let readPercent = 0; readPercent <= 100; readPercent += 20) {
    const mix = { hosts, op: 'mix', connections: 8, outstanding: 64, size: 1024, readPercent, measureMs } as const;
    const { perSecond } = await load(mix);
    into.add({ name: readRatioName(readPercent), unit: 'op/s', target: { atLeast: 1 } }, engine, perSecond);
  }
}

export const readRatioName = (readPercent: number): string => `mix with ${readPercent} % reads, 3 servers`;
