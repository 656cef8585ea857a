#!/usr/bin/env node
/**
 * Many lives from the command line:
 *
 *   npm run simulate -w @menagerie/simulation -- [--seeds N] [--from S] [--trouble-ms MS] [--story]
 *
 * Exit 0: no rule was broken. Exit 1: one was; the story of the first such life follows. Exit 2: bad arguments.
 */
import { parseArgs } from 'node:util';
import { createDatabase } from '@menagerie/ensemble';
import { FailedLife, live } from './life.js';
import { makeProductionCore } from './production-core.js';

const STORY_LINES = 60;

interface Settings {
  readonly seeds: number;
  readonly from: number;
  readonly troubleMs: number | undefined;
  readonly wholeStory: boolean;
}

const say = (line: string) => void process.stdout.write(`${line}\n`);

function settingsOf(args: string[]): Settings | string {
  try {
    const { values } = parseArgs({
      args,
      options: {
        seeds: { type: 'string', default: '100' },
        from: { type: 'string', default: '1' },
        'trouble-ms': { type: 'string' },
        story: { type: 'boolean', default: false },
      },
    });
    const numbers = [values.seeds, values.from, values['trouble-ms'] ?? '1'];
    if (!numbers.every((text) => /^\d{1,9}$/.test(text))) return `expected whole numbers, got ${numbers.join(', ')}`;
    const troubleMs = values['trouble-ms'] === undefined ? undefined : Number(values['trouble-ms']);
    return { seeds: Number(values.seeds), from: Number(values.from), troubleMs, wholeStory: values.story };
  } catch (error) {
    return (error as Error).message;
  }
}

function run({ seeds, from, troubleMs, wholeStory }: Settings): number {
  const startedAt = performance.now();
  let commits = 0;
  for (let seed = from; seed < from + seeds; seed++) {
    try {
      const trouble = troubleMs === undefined ? {} : { troubleMs };
      commits += live({ seed, makeCore: makeProductionCore, makeDatabase: createDatabase, ...trouble }).commits;
    } catch (error) {
      if (!(error instanceof FailedLife)) throw error;
      say(error.message);
      for (const line of wholeStory ? error.story : error.story.slice(-STORY_LINES)) say(line);
      say(String((error.cause as Error).stack ?? error.cause));
      return 1;
    }
  }
  const seconds = (performance.now() - startedAt) / 1000;
  say(
    `${seeds} lives from seed ${from}, ${commits} commits, no violation; ${(seeds / seconds).toFixed(2)} lives a second`,
  );
  return 0;
}

const settings = settingsOf(process.argv.slice(2));
if (typeof settings === 'string') {
  process.stderr.write(`simulate: ${settings}\n`);
  process.exitCode = 2;
} else {
  process.exitCode = run(settings);
}
