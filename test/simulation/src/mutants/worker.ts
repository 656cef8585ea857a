/**
 * One process, one mutant: lives until one breaks a rule. Arguments: the mutant's number, the first seed, how many seeds.
 * Prints one line of JSON.
 */
import { register } from 'node:module';
import { mutants } from './catalogue.js';

export interface MutantReport {
  readonly found: boolean;
  /** How many seeds it took. */
  readonly seeds: number;
  readonly problem: string;
}

const [number, from, seeds] = process.argv.slice(2).map(Number) as [number, number, number];
const mutant = mutants[number]!;
register('./loader.js', import.meta.url, { data: mutant });
// Not before: what is loaded already can not be changed any more.
const { changesMembersIn, live, FailedLife } = await import('../life.js');

async function hunt(): Promise<MutantReport> {
  let lives = 0;
  for (let seed = from; lives < seeds; seed++) {
    if (mutant.whereMembersChange === true && !changesMembersIn(seed)) continue;
    lives++;
    try {
      await live({ seed });
    } catch (error) {
      const problem = error instanceof FailedLife ? (error.message.split('\n')[0] ?? '') : String(error);
      return { found: true, seeds: lives, problem };
    }
  }
  return { found: false, seeds, problem: '' };
}

process.stdout.write(`${JSON.stringify(await hunt())}\n`);
