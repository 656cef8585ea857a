/** `npm run soak -- [SCENARIO]`: a system under random faults for as long as one likes. Exit status 1: a rule was broken. */
import { join } from 'node:path';
import { engineAvailable, type Engine } from '@menagerie/zookeeper-testing';
import { Command, InvalidArgumentError, Option } from 'commander';
import { Soak } from './soak/run.js';
import { DEFAULT_SCENARIO, scenarios } from './soak/scenarios.js';

interface Flags {
  readonly minutes?: number;
  readonly points?: number;
  readonly seed: number;
  readonly engine: Engine;
  readonly only: string[];
  readonly list: boolean;
}

const DEFAULT_MINUTES = 5;
/** With `--points` alone, the time is not what ends it. */
const MINUTES_FOR_POINTS = 24 * 60;
const root = join(import.meta.dirname, '../../..');
const say = (line: string) => process.stdout.write(`${line}\n`);

class UsersMistake extends Error {}

async function soak(name: string, flags: Flags): Promise<number> {
  if (flags.list) {
    for (const [each, load] of Object.entries(scenarios)) say(`${each.padEnd(14)} ${(await load()).summary}`);
    return 0;
  }
  const load = scenarios[name];
  if (load === undefined) {
    throw new UsersMistake(`expected one of ${Object.keys(scenarios).join(', ')}, got ${JSON.stringify(name)}`);
  }
  const { available, reason } = engineAvailable(flags.engine);
  if (!available) throw new UsersMistake(reason);
  const { seed, points = null, engine, only } = flags;
  const scenario = await load();
  const stray = only.filter((part) => !(scenario.parts ?? []).includes(part));
  if (stray.length > 0) {
    throw new UsersMistake(`--only: expected ${scenario.parts?.join(', ') ?? 'nothing here'}, got ${stray.join(', ')}`);
  }
  const minutes = flags.minutes ?? (points === null ? DEFAULT_MINUTES : MINUTES_FOR_POINTS);
  const folder = join(root, '.data', 'soak', `${name}-${engine}-${seed}`);
  say(`soak of ${name} on ${engine}: seed ${seed}, ${points === null ? `${minutes} minutes` : `${points} points`}`);
  const run = new Soak(name, { seed, minutes, points, engine, only, folder }, say);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => run.interrupt(signal));
  const { violations } = await run.run(scenario);
  return violations.length === 0 ? 0 : 1;
}

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError(`expected a number above 0`);
  return value;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError(`expected a whole number`);
  return value;
}

const program = new Command('soak')
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2))
  .description('A system under random faults; prints what it did, how it fared, and every rule that was broken.')
  .argument('[scenario]', 'see --list', DEFAULT_SCENARIO)
  .option('--list', 'the scenarios', false)
  .option('--minutes <n>', `how long (default ${DEFAULT_MINUTES})`, positive)
  .option('--points <n>', 'how many rounds or kill points at most', wholeNumber)
  .option('--seed <s>', 'repeats a schedule', wholeNumber, Date.now() % 1_000_000)
  .addOption(new Option('--engine <engine>', 'the ensemble').choices(['menagerie', 'apache']).default('menagerie'))
  .option('--only <names>', 'some faults only, by their names', (text) => text.split(','), [])
  .action(async (name: string, flags: Flags) => {
    process.exitCode = await soak(name, flags);
  });

try {
  await program.parseAsync();
} catch (error) {
  const isMistake = error instanceof UsersMistake;
  process.stderr.write(
    `soak: ${isMistake || !(error instanceof Error) ? String((error as Error).message) : error.stack}\n`,
  );
  process.exitCode = isMistake ? 2 : 1;
}
