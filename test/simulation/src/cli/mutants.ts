#!/usr/bin/env node
/**
 * Does the net hold? Each deliberate bug in a process of its own, until a life breaks a rule:
 *
 *   npm run mutants -- [--only NAME,NAME] [--jobs N] [--from S]
 *
 * Exit 0: all were found, each within its number of seeds. Exit 1: some were not. Exit 2: bad arguments.
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { mutants } from '../mutants/catalogue.js';
import { DEFAULT_WITHIN_SEEDS, type Mutant } from '../mutants/mutant.js';
import type { MutantReport } from '../mutants/worker.js';
import { count, fail, say } from './arguments.js';

const FIRST_SEED = 1;
const WORKER = fileURLToPath(new URL('../mutants/worker.js', import.meta.url));

async function hunt(mutant: Mutant, from: number): Promise<MutantReport> {
  const seeds = mutant.withinSeeds ?? DEFAULT_WITHIN_SEEDS;
  const args = [WORKER, String(mutants.indexOf(mutant)), String(from), String(seeds)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const status = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (status !== 0) throw new Error(`${mutant.name}: its process ended with status ${status}`);
  return JSON.parse(output) as MutantReport;
}

const line = (name: string, seeds: string, limit: string, what: string): string =>
  `${name.padEnd(30)} ${seeds.padStart(5)} ${limit.padStart(6)}  ${what}`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      jobs: { type: 'string', default: '2' },
      from: { type: 'string', default: String(FIRST_SEED) },
    },
  });
  const [jobs, from] = [count('jobs', values.jobs), count('from', values.from)];
  const only = values.only?.split(',');
  const unknown = only?.find((name) => mutants.every((mutant) => mutant.name !== name));
  if (unknown !== undefined) fail(`mutants: expected a name of the catalogue, got ${unknown}`);
  const chosen = mutants.filter(({ name }) => only === undefined || only.includes(name));
  say(line('mutant', 'seeds', 'within', 'found by'));
  let missed = 0;
  const rest = [...chosen];
  const work = async (): Promise<void> => {
    for (let mutant = rest.shift(); mutant !== undefined; mutant = rest.shift()) {
      const { found, seeds, problem } = await hunt(mutant, from);
      const limit = String(mutant.withinSeeds ?? DEFAULT_WITHIN_SEEDS);
      if (!found) missed++;
      say(line(mutant.name, found ? String(seeds) : '-', limit, found ? problem : `NOT FOUND: ${mutant.what}`));
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, chosen.length) }, work));
  say(`\n${chosen.length - missed} of ${chosen.length} deliberate bugs found`);
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main();
