/**
 * Programs log while agents, collectors, allocators and servers of the ensemble are killed or stopped at random moments:
 * every line that was written is at the sink, once, in its source's order.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type LineCheck, type LineWriter, TestLogs } from '@menagerie/logs-testing';
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import type { Chance } from '../random.js';
import type { Scenario, SoakRun } from '../soak/scenario.js';

const LONGEST_AWAY_MS = 4_000;
/** Between two faults something must have been going on. */
const LONGEST_CALM_MS = 1_500;
const COLLECTED_WITHIN_MS = 90_000;
const WRITE_EVERY_MS = 40;

export const logsScenario: Scenario = {
  summary: 'programs log while agents, collectors, allocators and servers are killed: every line once, in order',
  run: async (run) => {
    const ensemble = await startTestEnsemble({ servers: 3, engine: run.engine, tickTimeMs: 500 });
    try {
      const random = (): number => run.chance.next();
      const logs = await TestLogs.start({ zkConnect: ensemble.connectString, random });
      try {
        for (const one of logs.processes) run.watch({ name: one.id, pid: () => one.pid ?? undefined });
        await soak(run, ensemble, logs);
      } finally {
        await logs.close();
      }
    } finally {
      await ensemble.close();
    }
  },
};

async function soak(run: SoakRun, ensemble: TestEnsemble, logs: TestLogs): Promise<void> {
  while (run.another()) {
    const before = logs.writers.reduce((sum, { written }) => sum + written, 0);
    const writing = new AbortController();
    const load = Promise.all(logs.writers.map((writer) => writeUntil(writer, run.chance, writing.signal)));
    try {
      await sleep(run.chance.below(LONGEST_CALM_MS));
      await breakSomething(run, ensemble, logs);
      await sleep(run.chance.below(LONGEST_CALM_MS));
    } finally {
      writing.abort();
      await load;
    }
    for (const check of await logs.collected(COLLECTED_WITHIN_MS)) judge(run, check);
    run.count('lines', logs.writers.reduce((sum, { written }) => sum + written, 0) - before);
  }
}

async function writeUntil(writer: LineWriter, chance: Chance, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    writer.write(chance.below(20));
    await sleep(WRITE_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** One fault, with its way back. */
async function breakSomething(run: SoakRun, ensemble: TestEnsemble, logs: TestLogs): Promise<void> {
  const awayMs = run.chance.below(LONGEST_AWAY_MS);
  const kind = run.chance.pick(['agent', 'collector', 'collector', 'allocator', 'server', 'pause'] as const);
  if (kind === 'server') {
    const { id } = run.chance.pick(ensemble.servers);
    run.fault('kill server', `zk${id} for ${awayMs} ms`);
    await ensemble.kill(id);
    await sleep(awayMs);
    await ensemble.start(id);
    return;
  }
  if (kind === 'pause') {
    const victim = run.chance.pick([...logs.collectors, ...logs.allocators]);
    run.fault('pause', `${victim.id} for ${awayMs} ms`);
    victim.pause();
    await sleep(awayMs);
    victim.resume();
    return;
  }
  const all = { agent: logs.agents, collector: logs.collectors, allocator: logs.allocators };
  const victim = run.chance.pick(all[kind]);
  run.fault(`kill ${kind}`, `${victim.id} for ${awayMs} ms`);
  await victim.end('SIGKILL');
  await sleep(awayMs);
  await victim.start();
}

function judge(run: SoakRun, { source, missing, duplicates, outOfOrder, damaged, first }: LineCheck): void {
  const detail = `${source}: ${first ?? 'unknown'}`;
  if (missing !== 0) run.violation('no line is lost', `${missing} of ${detail}`);
  if (duplicates !== 0) run.violation('no line is there twice', `${duplicates} of ${detail}`);
  if (outOfOrder !== 0) run.violation('lines keep their order', `${outOfOrder} of ${detail}`);
  if (damaged !== 0) run.violation('lines are as they were written', `${damaged} of ${detail}`);
}
