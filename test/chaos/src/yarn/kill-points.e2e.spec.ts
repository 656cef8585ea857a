/**
 * A job's result is the same with and without failures: at random moments of a word count's life, from before it is
 * stored until after its last write, a server of the ensemble, a ResourceManager or a node is killed with kill -9.
 *
 * The seed is printed. `SEED=<seed> npx vitest run test/chaos` makes the same choices again; the moments are fractions of
 * the time the job takes, so what they hit can differ. Five moments are tried here; `POINTS=100` makes more of them.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ApplicationReport } from '@menagerie/yarn-protocol';
import { prepareWordCount, readCounts, type TestProcess, TestYarn } from '@menagerie/yarn-testing';
import { engineAvailable, startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Chance } from '../random.js';

const engine = process.env['YARN_TEST_ENGINE'] === 'apache' ? 'apache' : 'menagerie';
const { available, reason } = engineAvailable(engine);
const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
const points = Number(process.env['POINTS'] ?? 5);

const REDUCERS = 2;
const FILES = 12;
const KINDS = ['ensemble server', 'ResourceManager', 'NodeManager'] as const;
/** What was killed stays away for up to so long: shorter and longer than it takes to be missed. */
const LONGEST_AWAY_MS = 5_000;
const JOB_WAIT_MS = 90_000;

/** A victim that can be killed and started again. */
interface Victim {
  readonly id: string;
  kill(): Promise<void>;
  restart(): Promise<void>;
}

describe.skipIf(!available)(`a word count, killed at random moments, on ${engine} ${reason}`, () => {
  const chance = new Chance(seed);
  let ensemble: TestEnsemble;
  let yarn: TestYarn;
  let input: string;
  const truth = new Map<string, number>();
  /** How long the job takes when nothing fails. */
  let undisturbedMs = 0;
  let jobs = 0;

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ servers: 3, engine, tickTimeMs: 500 });
    yarn = await TestYarn.start({ zkConnect: ensemble.connectString });
    input = join(yarn.folder, 'input');
    mkdirSync(input);
    for (let file = 0; file < FILES; file++) writeFileSync(join(input, `${file}.txt`), text(truth));
    process.stderr.write(`kill points: SEED=${seed}\n`);
  });
  afterAll(async () => {
    await yarn?.close();
    await ensemble?.close();
  });

  /** Random words in lines; counts them as it makes them, which is a count that no job's code has a part in. */
  function text(counts: Map<string, number>): string {
    let all = '';
    for (let line = 0; line < 300; line++) {
      const words = Array.from({ length: 1 + chance.below(12) }, () => `w${Math.floor(chance.next() ** 2 * 700)}`);
      for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
      all += `${words.join(' ')}\n`;
    }
    return all;
  }

  async function job(during: (applicationId: string) => Promise<void>): Promise<ApplicationReport> {
    const output = join(yarn.folder, `output-${++jobs}`);
    const request = await prepareWordCount(yarn, {
      input,
      output,
      reducers: REDUCERS,
      splitBytes: 24_000,
      splitPaceMs: 400,
    });
    const { applicationId } = request.context;
    const [report] = await Promise.all([
      yarn.client
        .submit(request, { timeoutMs: JOB_WAIT_MS })
        .then(() => yarn.client.waitFor(applicationId, { timeoutMs: JOB_WAIT_MS, pollMs: 100 })),
      during(applicationId),
    ]);
    expect(report, report.diagnostics).toMatchObject({ state: 'FINISHED', finalStatus: 'SUCCEEDED' });
    const counted = readCounts(output, REDUCERS);
    expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(truth));
    return report;
  }

  async function victim(kind: (typeof KINDS)[number], applicationId: string): Promise<Victim> {
    const process = (one: TestProcess): Victim => ({
      id: one.id,
      kill: () => one.end('SIGKILL'),
      restart: () => one.start(),
    });
    switch (kind) {
      case 'ensemble server': {
        const { id } = chance.pick(ensemble.servers);
        return { id: `zk${id}`, kill: () => ensemble.kill(id), restart: () => ensemble.start(id) };
      }
      case 'ResourceManager': {
        // Mostly the active one: the loss of a standby is quickly told.
        const active = await yarn.active();
        return process(active !== null && chance.next() < 0.8 ? active : chance.pick(yarn.resourceManagers));
      }
      case 'NodeManager': {
        // Often the one on which the master runs: that costs the job its head.
        const [dice, other] = [chance.next(), chance.pick(yarn.nodeManagers)];
        const report = await yarn.client.application(applicationId, { deadlineMs: 2_000 }).catch(() => null);
        const address = report?.attempts.at(-1)?.nodeHttpAddress;
        return process((dice < 0.5 ? yarn.nodeManagers.find((one) => one.address === address) : undefined) ?? other);
      }
    }
  }

  it('counts right when nothing fails', async () => {
    const started = performance.now();
    const report = await job(() => Promise.resolve());
    undisturbedMs = performance.now() - started;
    expect(report.attempts).toHaveLength(1);
    expect(report.counters).toMatchObject({ mapsRepeated: 0, taskFailures: 0 });
  });

  it.each(
    Array.from({ length: points }, (_, at) => [at + 1, KINDS[at % KINDS.length] as (typeof KINDS)[number]] as const),
  )(
    'counts right, kill point %d: a(n) %s',
    async (point, kind) => {
      const fraction = chance.next() * 1.05;
      const awayMs = chance.below(LONGEST_AWAY_MS);
      const started = performance.now();
      let hit = '';
      const report = await job(async (applicationId) => {
        await sleep(undisturbedMs * fraction);
        const chosen = await victim(kind, applicationId);
        hit = `${chosen.id} at ${Math.round(fraction * 100)} % (${await phase(applicationId)})`;
        await chosen.kill();
        await sleep(awayMs);
        await chosen.restart();
      });
      const tookMs = Math.round(performance.now() - started);
      // They are in the ResourceManager's memory only: after the loss of the last one nobody knows them.
      const { mapsRepeated = 'unknown', taskFailures = 'unknown' } = report.counters;
      process.stderr.write(
        `kill point ${point}: ${hit}, away ${awayMs} ms; ` +
          `${tookMs} ms, attempts ${report.attempts.length}, maps repeated ${mapsRepeated}, failures ${taskFailures}\n`,
      );
      await yarn.whole();
      await nothingLeft();
    },
    180_000,
  );

  async function phase(applicationId: string): Promise<string> {
    const report = await yarn.client.application(applicationId, { deadlineMs: 2_000 }).catch(() => null);
    if (report === null) return 'not stored';
    const { mapsDone, mapsTotal, reducesDone } = report.counters;
    return mapsTotal === undefined
      ? report.rmState
      : `${report.rmState}, ${mapsDone}/${mapsTotal} maps, ${reducesDone} reduces`;
  }

  /** No container of any job goes on, on no node, and the scheduler knows of none. */
  async function nothingLeft(): Promise<void> {
    await waitFor(
      async () => {
        const { containersAllocated } = await yarn.client.metrics({ deadlineMs: 2_000 });
        const nodes = await yarn.client.nodes({ deadlineMs: 2_000 });
        return containersAllocated === 0 && nodes.every((node) => node.numContainers === 0);
      },
      { timeoutMs: 30_000, what: 'a cluster without containers', intervalMs: 100 },
    );
  }
});
