#!/usr/bin/env node
/**
 * Many lives from the command line:
 *
 *   npm run simulate -- [--seeds N] [--from S] [--jobs N] [--trouble-ms MS] [--faults 3,7 | none] [--lying-fsync]
 *     [--story] [--minimize]
 *
 * Exit 0: no rule was broken. Exit 1: some were, each with the command that lives that life again. Exit 2: bad arguments.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { FailedLife, live, type LifeOptions } from '../life.js';
import { count, fail, say } from './arguments.js';
import type { LifeReport } from './lives-worker.js';
import { minimize } from './minimize.js';
import { Tally } from './tally.js';

const WORKER = fileURLToPath(new URL('./lives-worker.js', import.meta.url));
const STORY_LINES = 80;
/** More than this tell nothing new. */
const MAX_FAILURES = 20;
const REPORT_EVERY_MS = 60_000;

interface Settings {
  readonly seeds: number;
  readonly from: number;
  readonly jobs: number;
  readonly troubleMs: number | undefined;
  readonly faults: readonly number[] | undefined;
  readonly lyingFsync: boolean;
  readonly story: boolean;
  readonly minimize: boolean;
}

function settingsOf(args: string[]): Settings {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        jobs: { type: 'string', default: '1' },
        'trouble-ms': { type: 'string' },
        faults: { type: 'string' },
        'lying-fsync': { type: 'boolean', default: false },
        story: { type: 'boolean', default: false },
        minimize: { type: 'boolean', default: false },
      },
    });
    const { faults, story } = values;
    const trouble = values['trouble-ms'];
    return {
      seeds: count('seeds', values.seeds),
      from: count('from', values.from),
      jobs: Math.max(1, count('jobs', values.jobs)),
      troubleMs: trouble === undefined ? undefined : count('trouble-ms', trouble),
      faults:
        faults === undefined
          ? undefined
          : faults === 'none'
            ? []
            : faults.split(',').map((one) => count('faults', one)),
      lyingFsync: values['lying-fsync'],
      story,
      minimize: values.minimize,
    };
  } catch (error) {
    return fail(`simulate: ${(error as Error).message}`);
  }
}

const optionsOf = ({ troubleMs, faults, lyingFsync }: Settings, seed: number): LifeOptions => ({
  seed,
  ...(lyingFsync ? { lyingFsync } : {}),
  ...(troubleMs === undefined ? {} : { troubleMs }),
  ...(faults === undefined ? {} : { faults }),
});

/** One life, told. */
async function tell(options: LifeOptions): Promise<number> {
  try {
    const result = await live({ ...options, withStory: true });
    say(JSON.stringify(result));
    return 0;
  } catch (error) {
    if (!(error instanceof FailedLife)) throw error;
    for (const line of error.story.slice(-STORY_LINES)) say(line);
    say(`\n${error.message}`);
    say(String((error.cause as Error).stack ?? error.cause));
    return 1;
  }
}

async function many(settings: Settings): Promise<number> {
  const { seeds, from, jobs, troubleMs } = settings;
  const tally = new Tally();
  const children = Array.from({ length: Math.min(jobs, seeds) }, (_, i) => {
    const args = [from + i, from + seeds, jobs, ...(troubleMs === undefined ? [] : [troubleMs])].map(String);
    return fork(WORKER, args);
  });
  const progress = setInterval(() => say(tally.line(from)), REPORT_EVERY_MS);
  await Promise.all(
    children.map(
      (child) =>
        new Promise<void>((resolve) => {
          child.on('message', (report: LifeReport) => {
            tally.add(report);
            if (report.problem !== null) say(`\n${report.problem}\n`);
            if (tally.failures >= MAX_FAILURES) for (const each of children) each.kill();
          });
          child.once('exit', (status, signal) => {
            if (status !== 0 && signal === null) say(`a process of lives ended with status ${status}`);
            resolve();
          });
        }),
    ),
  );
  clearInterval(progress);
  say(tally.line(from));
  return tally.failures === 0 && tally.lives === seeds ? 0 : 1;
}

const settings = settingsOf(process.argv.slice(2));
if (settings.minimize) process.exitCode = await minimize(optionsOf(settings, settings.from), say);
else if (settings.story) process.exitCode = await tell(optionsOf(settings, settings.from));
else if (settings.faults !== undefined || settings.lyingFsync)
  process.exitCode = await tell(optionsOf(settings, settings.from));
else process.exitCode = await many(settings);
