#!/usr/bin/env node
/**
 * Every recipe under faults, many seeds each:
 *
 *   npm run prove -w @menagerie/recipes-tests -- [--seeds N] [--from S] [--only lock,semaphore]
 *
 * Exit 0: no rule was broken. Exit 1: one was; the play and its seed are printed. Exit 2: bad arguments.
 */
import { parseArgs } from 'node:util';
import { playsNamed, wholeNumber } from '../arguments.js';
import type { Play } from '../plays/play.js';
import { perform } from './perform.js';

const say = (line: string) => void process.stdout.write(`${line}\n`);
const MAX_FAILURES = 10;

async function main(args: string[]): Promise<number> {
  let seeds: number;
  let from: number;
  let chosen: readonly Play[];
  try {
    const option = (standard: string) => ({ type: 'string', default: standard }) as const;
    const options = { seeds: option('1000'), from: option('1'), only: { type: 'string' } } as const;
    const { values } = parseArgs({ args, options });
    [seeds, from] = [wholeNumber(values.seeds), wholeNumber(values.from)];
    chosen = playsNamed(values.only);
  } catch (error) {
    process.stderr.write(`prove: ${(error as Error).message}\n`);
    return 2;
  }
  let failed = 0;
  for (const play of chosen) {
    const startedAtMs = performance.now();
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
