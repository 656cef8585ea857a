/** `npm run bench -- NAME`: what is measured, beside the peer it is measured against. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { engineAvailable } from '@menagerie/zookeeper-testing';
import { Command, InvalidArgumentError } from 'commander';
import { Comparison, HEADER } from './comparison.js';
import { ENGINES } from './engines.js';
import { measureFailover } from './ensemble/failover.js';
import { measureIdle, measureManyNodes, measureSessions } from './ensemble/size.js';
import { measureLatency, measureReadRatio, measureThroughput, readRatioName } from './ensemble/throughput.js';
import { lineChart } from './plot.js';
import { table } from './statistics.js';

interface EnsembleFlags {
  readonly rounds: number;
  readonly seconds: number;
  readonly only?: string;
  readonly nodes: number;
  readonly sessions: number;
  readonly out: string;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const root = join(import.meta.dirname, '../../..');

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError(`a number above 0 is needed, not ${text}`);
  return value;
}

/** Each is run for one engine and then for the other, in every round: A B A B. */
function parts(flags: EnsembleFlags) {
  const measureMs = flags.seconds * 1000;
  type Part = (engine: (typeof ENGINES)[number], into: Comparison) => Promise<void>;
  const ops = ['get', 'set', 'create', 'mix'] as const;
  const throughput =
    (servers: 1 | 3 | 5, sizes: number[]): Part =>
    (engine, into) =>
      measureThroughput(engine, { servers, sizes, ops, measureMs }, into);
  return {
    standalone: throughput(1, [100, 1024]),
    three: throughput(3, [100, 1024]),
    five: throughput(5, [1024]),
    latency: (engine, into) => measureLatency(engine, measureMs, into),
    ratio: (engine, into) => measureReadRatio(engine, measureMs, into),
    failover: async (engine, into) => {
      for (const blow of ['leader killed', 'follower killed', 'leader paused'] as const) {
        await measureFailover(engine, blow, into);
      }
    },
    idle: measureIdle,
    sessions: (engine, into) => measureSessions(engine, flags.sessions, into),
    nodes: (engine, into) => measureManyNodes(engine, flags.nodes, into),
  } satisfies Record<string, Part>;
}

async function benchEnsemble(flags: EnsembleFlags): Promise<void> {
  for (const engine of ENGINES) {
    const { available, reason } = engineAvailable(engine);
    if (!available) throw new Error(`there is nothing to compare: ${reason}`);
  }
  const all = parts(flags);
  const chosen = flags.only?.split(',') ?? Object.keys(all);
  const into = new Comparison();
  for (const name of chosen) {
    const part = all[name as keyof typeof all];
    if (!part) throw new Error(`there is no part ${name}; there are ${Object.keys(all).join(', ')}`);
    for (let round = 1; round <= flags.rounds; round += 1) {
      for (const engine of ENGINES) {
        say(`-- ${name}, round ${round} of ${flags.rounds}, ${engine}`);
        await part(engine, into);
      }
    }
  }
  say('');
  say(table(HEADER, into.rows()));
  mkdirSync(flags.out, { recursive: true });
  writeFileSync(join(flags.out, 'ensemble.json'), `${JSON.stringify(into, null, 2)}\n`);
  if (chosen.includes('ratio')) writeFileSync(join(flags.out, 'ensemble-read-ratio.svg'), readRatioChart(into));
  say(`\nmedians of ${flags.rounds} rounds; all values in ${join(flags.out, 'ensemble.json')}`);
}

function readRatioChart(into: Comparison): string {
  const series = ENGINES.map((engine, i) => ({
    name: engine === 'apache' ? 'Apache ZooKeeper 3.8' : 'Menagerie',
    colour: ['#0a6', '#c60'][i] ?? '#000',
    points: [0, 20, 40, 60, 80, 100].map((percent) => [percent, into.median(readRatioName(percent), engine)] as const),
  }));
  return lineChart('Three servers, 1 KiB', 'reads, %', 'operations a second', series);
}

const program = new Command('bench').description('Measures beside the peer, in one run. Never part of the tests.');
program
  .command('ensemble')
  .description('our server and Apache ZooKeeper 3.8: throughput, latency, failover, memory')
  .option('--rounds <n>', 'rounds of ours, theirs', positive, 3)
  .option('--seconds <n>', 'length of each measurement', positive, 3)
  .option('--only <parts>', 'standalone,three,five,latency,ratio,failover,idle,sessions,nodes')
  .option('--nodes <n>', 'nodes of the size test', positive, 1_000_000)
  .option('--sessions <n>', 'sessions and watchers', positive, 10_000)
  .option('--out <folder>', 'where the figures and the plot go', join(root, '.data', 'bench'))
  .action(benchEnsemble);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
