/** One process of many lives. Arguments: first seed, end, step, and milliseconds of trouble. Reports each to its parent. */
import { FailedLife, live, type LifeResult } from '../life.js';

export interface LifeReport {
  readonly result: LifeResult | null;
  /** Null for a life in which no rule was broken. */
  readonly problem: string | null;
}

const [first, end, step, troubleMs] = process.argv.slice(2).map(Number) as [number, number, number, number?];

async function report(seed: number): Promise<LifeReport> {
  try {
    return { result: await live({ seed, ...(troubleMs === undefined ? {} : { troubleMs }) }), problem: null };
  } catch (error) {
    if (!(error instanceof FailedLife)) throw error;
    return { result: null, problem: error.message };
  }
}

for (let seed = first; seed < end; seed += step) process.send!(await report(seed));
process.disconnect();
