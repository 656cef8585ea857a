/** What it costs to hold much: idle memory, many sessions, many watchers, a million nodes. */
import type { Engine } from '@menagerie/zookeeper-testing';
import type { Comparison } from '../comparison.js';
import { gatherCrowd } from '../crowd.js';
import { hostsOf, pidsOf, startEngine } from '../engines.js';
import { load, prepare } from '../load.js';
import { residentMiB } from '../process-usage.js';

const residentOf = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + residentMiB(pid), 0);

/** From the start of the process to the first answer, and what an idle server holds. */
export async function measureIdle(engine: Engine, into: Comparison): Promise<void> {
  await using ensemble = await startEngine(engine, 1);
  const server = ensemble.servers[0]!;
  into.add({ name: 'memory, idle', unit: 'MiB', target: { atMost: 0.8 } }, engine, residentOf(pidsOf(ensemble)));
  await ensemble.stop(server.id);
  const startedAt = performance.now();
  await ensemble.start(server.id);
  into.add({ name: 'start, empty', unit: 'ms', target: { atMost: 0.4 } }, engine, performance.now() - startedAt);
}

export async function measureSessions(engine: Engine, sessions: number, into: Comparison): Promise<void> {
  await using ensemble = await startEngine(engine, 1);
  const before = residentOf(pidsOf(ensemble));
  await prepare(hostsOf(ensemble), 100);
  const crowd = await gatherCrowd({ hosts: hostsOf(ensemble), sessions, watchRounds: 3 });
  const name = sessions.toLocaleString('en-US');
  into.add({ name: `${name} sessions connect at once`, unit: 'ms' }, engine, crowd.connectedMs);
  for (const round of crowd.rounds) {
    const measure = { name: `one set, ${name} watchers: last one told`, unit: 'ms', target: { atMost: 0.5 } };
    into.add(measure, engine, round.lastUs / 1000);
  }
  const memory = residentOf(pidsOf(ensemble));
  into.add({ name: `memory, ${name} idle sessions`, unit: 'MiB', target: { atMost: 0.5 } }, engine, memory);
  into.add({ name: `memory, growth by ${name} sessions`, unit: 'MiB' }, engine, memory - before);
  await crowd.disperse();
}

/** @param nodes of 100 B each, all under one parent. */
export async function measureManyNodes(engine: Engine, nodes: number, into: Comparison): Promise<void> {
  await using ensemble = await startEngine(engine, 1);
  const hosts = hostsOf(ensemble);
  const server = ensemble.servers[0]!;
  await prepare(hosts, 100);
  const millions = nodes.toLocaleString('en-US');
  for (let made = 0; made < nodes;) {
    const round = {
      hosts,
      op: 'create',
      connections: 8,
      outstanding: 64,
      size: 100,
      warmupMs: 0,
      measureMs: 2000,
    } as const;
    const { operations, maxUs } = await load(round);
    made += operations;
    // Snapshots are taken as transactions come, so the longest wait of any of them is the stall while one is written.
    into.add({ name: `longest wait of a create up to ${millions} nodes`, unit: 'ms' }, engine, maxUs / 1000);
  }
  const memory = { name: `memory, ${millions} nodes of 100 B`, unit: 'MiB', target: { atMost: 0.5 } };
  into.add(memory, engine, residentOf(pidsOf(ensemble)));
  await ensemble.kill(server.id);
  const startedAt = performance.now();
  await ensemble.start(server.id);
  const start = { name: `start after kill -9, ${millions} nodes`, unit: 'ms', target: { atMost: 0.7 } };
  into.add(start, engine, performance.now() - startedAt);
}
