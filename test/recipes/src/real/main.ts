#!/usr/bin/env node
/**
 * Every recipe by real processes on real ensembles, some points each:
 *
 *   npm run prove:real -w @menagerie/recipes-tests -- [--points N] [--from S] [--only lock,semaphore] [--lanes L] [--apache]
 *
 * Ctrl-C ends it behind the points under way and prints what there is.
 *
 * Exit 0: no rule was broken. Exit 1: one was; the play and its seed are printed. Exit 2: bad arguments.
 */
import { parseArgs } from 'node:util';
import { startTestEnsemble } from '@menagerie/zookeeper-testing';
import { playsNamed, wholeNumber } from '../arguments.js';
import type { Play } from '../plays/play.js';
import { performReal } from './perform.js';
import { Troupe } from './troupe.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const MAX_FAILURES = 10;

interface Result {
  readonly play: Play;
  done: number;
  failures: number;
  tookMs: number;
  readonly faults: Map<string, number>;
}

interface Point {
  readonly result: Result;
  readonly seed: number;
}

async function main(args: string[]): Promise<number> {
  let points: number;
  let from: number;
  let lanes: number;
  let results: Result[];
  let isApache: boolean;
  try {
    const option = (standard: string) => ({ type: 'string', default: standard }) as const;
    const { values } = parseArgs({
      args,
      options: {
        points: option('50'),
        from: option('1'),
        lanes: option('4'),
        only: { type: 'string' },
        apache: { type: 'boolean', default: false },
      },
    });
    [points, from, lanes] = [values.points, values.from, values.lanes].map(wholeNumber) as [number, number, number];
    results = playsNamed(values.only).map((play) => ({ play, done: 0, failures: 0, tookMs: 0, faults: new Map() }));
    isApache = values.apache;
  } catch (error) {
    process.stderr.write(`prove:real: ${(error as Error).message}\n`);
    return 2;
  }
  // Seed by seed, so that whoever ends it early has had a little of everything.
  const queue: Point[] = Array.from({ length: points }, (_, i) => from + i).flatMap((seed) =>
    results.map((result) => ({ result, seed })),
  );
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => (queue.length = 0));
  const startedMs = performance.now();
  const work = Array.from({ length: Math.max(1, Math.min(lanes, queue.length)) }, () => lane(queue, isApache));
  await Promise.all(work);
  for (const result of results) report(result);
  const failed = results.reduce((sum, { failures }) => sum + failures, 0);
  const runs = results.reduce((sum, { done }) => sum + done, 0);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
  say(
    `${results.length} plays, ${runs} performances in ${seconds} s: ${failed === 0 ? 'no rule broken' : `${failed} BROKEN`}`,
  );
  return failed === 0 ? 0 : 1;
}

/** One ensemble and its actors, point after point until the queue is empty. */
async function lane(queue: Point[], isApache: boolean): Promise<void> {
  const ensemble = await startTestEnsemble({ servers: 3, engine: isApache ? 'apache' : 'menagerie' });
  try {
    await using troupe = new Troupe(ensemble);
    for (let point = queue.shift(); point !== undefined; point = queue.shift()) {
      const { result, seed } = point;
      if (result.failures < MAX_FAILURES) await perform(troupe, result, seed);
    }
  } finally {
    await ensemble.close();
  }
}

async function perform(troupe: Troupe, result: Result, seed: number): Promise<void> {
  const { play, faults } = result;
  const startedMs = performance.now();
  const lines: string[] = [];
  const onFault = (kind: string, what: string) => {
    faults.set(kind, (faults.get(kind) ?? 0) + 1);
    lines.push(`  ${((performance.now() - startedMs) / 1000).toFixed(2)} s ${kind}: ${what}`);
  };
  try {
    await performReal(play, { troupe, seed, path: `/${play.name}-${seed}/here`, onFault });
  } catch (error) {
    result.failures += 1;
    say(`${play.name}, seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    for (const line of lines) say(line);
    say(`again: npm run prove:real -w @menagerie/recipes-tests -- --only ${play.name} --from ${seed} --points 1`);
  }
  result.done += 1;
  result.tookMs += performance.now() - startedMs;
}

function report({ play, done, failures, tookMs, faults }: Result): void {
  const counts = [...faults].sort().map(([kind, count]) => `${kind} ${count}`);
  if (done === 0) return;
  const verdict = failures === 0 ? 'no rule broken' : `${failures} BROKEN`;
  say(
    `${play.name.padEnd(22)} ${done} points of ${(tookMs / done / 1000).toFixed(1)} s: ${verdict} (${counts.join(', ')})`,
  );
}

process.exitCode = await main(process.argv.slice(2));
