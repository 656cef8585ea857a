#!/usr/bin/env node
/**
 * Every recipe under faults, many seeds each:
 *
 *   npm run prove -w @menagerie/recipes-tests -- [--seeds N] [--from S] [--only lock,semaphore]
 *
 * Exit 0: no rule was broken. Exit 1: one was; the play and its seed are printed. Exit 2: bad arguments.
 */
import { parseArgs } from 'node:util';
import { plays } from '../plays/index.js';
import { perform } from './perform.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const MAX_FAILURES = 10;

async function main(args: string[]): Promise<number> {
  let given: { seeds: string; from: string; only?: string | undefined };
  try {
    const seeds = { type: 'string', default: '1000' } as const;
    const from = { type: 'string', default: '1' } as const;
    ({ values: given } = parseArgs({ args, options: { seeds, from, only: { type: 'string' } } }));
  } catch (error) {
    process.stderr.write(`prove: ${(error as Error).message}\n`);
    return 2;
  }
  const only = given.only?.split(',') ?? plays.map(({ name }) => name);
  const unknown = only.filter((name) => !plays.some((play) => play.name === name));
  if (unknown.length > 0 || !/^\d{1,9}$/.test(given.seeds) || !/^\d{1,9}$/.test(given.from)) {
    const known = plays.map(({ name }) => name).join(', ');
    process.stderr.write(`prove: expected whole numbers and plays of ${known}; got ${args.join(' ')}\n`);
    return 2;
  }
  let failed = 0;
  for (const play of plays.filter(({ name }) => only.includes(name))) {
    const startedAtMs = performance.now();
    const seeds = Number(given.seeds);
    const from = Number(given.from);
    let failures = 0;
    let virtualMs = 0;
    for (let seed = from; seed < from + seeds && failures < MAX_FAILURES; seed += 1) {
      try {
        virtualMs += (await perform(play, seed)).virtualMs;
      } catch (error) {
        failures += 1;
        say(`${play.name}, seed ${seed}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        say(`again: npm run prove -w @menagerie/recipes-tests -- --only ${play.name} --from ${seed} --seeds 1`);
      }
    }
    failed += failures;
    const seconds = (performance.now() - startedAtMs) / 1000;
    const verdict = failures === 0 ? 'no rule broken' : `${failures} BROKEN`;
    say(
      `${play.name.padEnd(22)} ${seeds} runs from seed ${from}, ${(virtualMs / 1000).toFixed(0)} virtual s in ${seconds.toFixed(0)} s: ${verdict}`,
    );
  }
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
