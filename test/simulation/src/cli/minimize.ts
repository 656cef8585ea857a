/**
 * Fewer faults, and less time, that still break the same rule. Halves, then quarters, and so on, of the faults are left
 * out as long as the life still fails; each that is left strikes exactly as before.
 * Source: Zeller, Hildebrandt, Simplifying and Isolating Failure-Inducing Input (2002).
 */
import { DEFAULT_TROUBLE_MS, FailedLife, live, type LifeOptions, replayCommand } from '../life.js';
import { Violation } from '../engine/violation.js';

const MAX_TRIES = 400;

const ruleOf = (failure: FailedLife): string =>
  failure.cause instanceof Violation ? failure.cause.rule : String((failure.cause as Error).name);

/** @returns the exit status: 1 if there was something to minimize, as there is a failure then */
export async function minimize(options: LifeOptions, say: (line: string) => void): Promise<number> {
  let tries = 0;
  const fails = async (candidate: LifeOptions): Promise<FailedLife | null> => {
    tries++;
    try {
      await live(candidate);
      return null;
    } catch (error) {
      if (!(error instanceof FailedLife)) throw error;
      return error;
    }
  };
  const first = await fails(options);
  if (first === null) {
    say(`seed ${options.seed} breaks no rule`);
    return 0;
  }
  const rule = ruleOf(first);
  const failsAlike = async (candidate: LifeOptions) => {
    const failure = await fails(candidate);
    return failure !== null && ruleOf(failure) === rule;
  };

  let faults = first.plan.map(({ number }) => number);
  for (let parts = 2; parts <= Math.max(2, faults.length) && tries < MAX_TRIES;) {
    const size = Math.ceil(faults.length / parts);
    let shorter: number[] | null = null;
    for (let at = 0; at < faults.length && shorter === null && tries < MAX_TRIES; at += size) {
      const candidate = [...faults.slice(0, at), ...faults.slice(at + size)];
      if (await failsAlike({ ...options, faults: candidate })) shorter = candidate;
    }
    if (shorter !== null) {
      faults = shorter;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(faults.length, parts * 2);
  }

  let troubleMs = options.troubleMs ?? DEFAULT_TROUBLE_MS;
  for (
    let shorter = Math.round(troubleMs / 2);
    shorter > 500 && tries < MAX_TRIES;
    shorter = Math.round(shorter * 0.75)
  ) {
    if (!(await failsAlike({ ...options, faults, troubleMs: shorter }))) break;
    troubleMs = shorter;
  }
  say(`${first.plan.length} faults, ${faults.length} of them needed (${tries} lives tried); ${rule}`);
  say(replayCommand({ ...options, faults, troubleMs }));
  return 1;
}
