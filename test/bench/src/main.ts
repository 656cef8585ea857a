/** `npm run bench -- NAME`: what is measured, beside the peer it is measured against. Never part of the tests. */
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Bench } from './harness/bench.js';
import { check } from './harness/check.js';
import { report, runParts } from './harness/run.js';
import { BENCHES } from './registry.js';

interface Flags {
  readonly list?: boolean;
  readonly check?: boolean;
  readonly keep?: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly only?: string;
  readonly set: Readonly<Record<string, number>>;
  readonly out: string;
  readonly docs?: boolean;
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const root = join(import.meta.dirname, '../../..');

function positive(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new InvalidArgumentError(`a number above 0 is needed, not ${text}`);
  return value;
}

function setting(text: string, sofar: Readonly<Record<string, number>>): Record<string, number> {
  const [name = '', value = ''] = text.split('=');
  return { ...sofar, [name]: positive(value) };
}

async function list(): Promise<void> {
  for (const [name, { about, load }] of Object.entries(BENCHES)) {
    const { parts, settings = {}, guard } = await load();
    say(`${name}: ${about}`);
    for (const [part, { about: what }] of Object.entries(parts)) say(`  ${part.padEnd(12)} ${what}`);
    for (const [key, value] of Object.entries(settings)) say(`  --set ${key}=${value}`);
    if (guard) say(`  --check      against ${guard.baselineFile}`);
  }
}

async function available(name: string): Promise<Bench> {
  const registered = BENCHES[name];
  if (!registered) throw new Error(`there is no bench ${name}; there are ${Object.keys(BENCHES).join(', ')}`);
  const bench = await registered.load();
  const reason = bench.unavailable?.() ?? null;
  if (reason !== null) throw new Error(`there is nothing to compare: ${reason}`);
  return bench;
}

/** Of one bench, or of all that have figures to be held against. */
async function guard(name: string | undefined, keep: boolean): Promise<void> {
  for (const each of name === undefined ? Object.keys(BENCHES) : [name]) {
    const bench = await available(each);
    if (bench.guard === undefined) {
      if (name !== undefined) throw new Error(`${name} keeps no figures to check against`);
      continue;
    }
    if (!(await check(bench, bench.guard, keep, say))) process.exitCode = 1;
  }
}

async function bench(name: string | undefined, flags: Flags): Promise<void> {
  if (flags.list) return list();
  if (flags.check || flags.keep) return guard(name, flags.keep ?? false);
  if (name === undefined) throw new Error('expected the name of a bench (see --list)');
  const { rounds, seconds, only, set: settings, out } = flags;
  const chosen = await available(name);
  const options = { rounds, seconds, only: only?.split(',') ?? null, settings, say };
  const outcome = await runParts(chosen, chosen.parts, options).finally(() => chosen.close?.());
  report(name, chosen, outcome, options, flags.docs ? [out, join(root, 'docs', 'bench')] : [out]);
  if (outcome.failures.length > 0) process.exitCode = 1;
}

const program = new Command('bench')
  .description('Measures beside the peer, in one run.')
  .argument('[name]', 'which bench')
  .option('--list', 'benches, their parts and settings')
  .option('--rounds <n>', 'rounds of ours, theirs', positive, 3)
  .option('--seconds <n>', 'length of each single measurement', positive, 2)
  .option('--only <parts>', 'these parts, separated by commas')
  .option('--set <name=value>', 'a size; may be repeated', setting, {})
  .option('--check', 'short: ratios against those kept in the repository')
  .option('--keep', 'as --check, and keeps the ratios found as the new ones')
  .option('--out <folder>', 'where figures and plots go', join(root, '.data', 'bench'))
  .option('--docs', 'also into docs/bench, where the documents show them')
  .action(bench);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
