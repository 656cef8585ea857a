/** Runs one demo: a healthy system first, then the demo, then everything mended again, whatever happened. */
import { type Plan, type ProbeResult, waitFor } from '@menagerie/topology';

import { CliError, UsageError } from '../errors.js';
import type { Demo, DemoContext, DemoOfItsOwn, DemoTitle } from './demo.js';
import { type Moment, Timeline, type Verdict } from './timeline.js';

/** The JSON of a demo. */
export interface DemoResult {
  readonly demo: string;
  readonly title: string;
  /** Every claim held, at least one was made, and the system was well again at the end. */
  readonly held: boolean;
  readonly tookMs: number;
  readonly timeline: readonly Moment[];
  readonly claims: readonly Verdict[];
  /** Why it did not get to the end. */
  readonly failure?: string;
}

/** What every demo needs from outside; the command line gives the real ones. */
export interface DemoAudience {
  readonly signal: AbortSignal;
  readonly now: () => number;
  readonly onMoment: (moment: Moment) => void;
}

/** What one on the running system needs as well. */
export interface DemoWorld extends DemoAudience {
  readonly plan: Plan;
  readonly isHealthy: () => Promise<ProbeResult>;
  readonly restore: () => Promise<void>;
  /** @returns the rest of the context, and how to let go of it */
  readonly connect: () => Promise<{
    readonly context: Omit<DemoContext, 'mark' | 'verify' | 'signal'>;
    readonly close: () => Promise<void>;
  }>;
}

const HEALTHY_BEFORE_MS = 30_000;
const HEALTHY_AFTER_MS = 90_000;

/** @throws UsageError when the demo cannot be run on this system, CliError when the system is not well to begin with */
export async function runDemo(demo: Demo, world: DemoWorld): Promise<DemoResult> {
  const ensemble = world.plan.groups.find((group) => group.external);
  if (demo.breaksEnsemble && ensemble !== undefined) {
    throw new UsageError(`${demo.name} breaks the ensemble itself, and ${world.plan.zkConnect} is not ours to break`);
  }
  try {
    const options = { timeoutMs: HEALTHY_BEFORE_MS, signal: world.signal };
    await waitFor('a healthy system to begin with', world.isHealthy, options);
  } catch (error) {
    throw new CliError('CLI_NOT_HEALTHY', error instanceof Error ? error.message : String(error));
  }
  const timeline = new Timeline(world.now, world.onMoment);
  const beganMs = world.now();
  let failure: string | undefined;
  try {
    const { context, close } = await world.connect();
    try {
      await demo.run({
        ...context,
        signal: world.signal,
        mark: (text) => timeline.mark(text),
        verify: (claim, held, evidence) => timeline.verify(claim, held, evidence),
      });
    } finally {
      await close();
    }
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  // Also when the user has given up: nothing of ours may stay broken.
  try {
    await world.restore();
    await waitFor('a healthy system at the end', world.isHealthy, { timeoutMs: HEALTHY_AFTER_MS });
    timeline.mark('everything that was broken is mended, all healthy');
  } catch (error) {
    failure ??= error instanceof Error ? error.message : String(error);
  }
  return resultOf(demo, timeline, world.now() - beganMs, failure);
}

/** A demo with a system of its own: nothing to be healthy before, nothing to be mended after. */
export async function runAlone(demo: DemoOfItsOwn, audience: DemoAudience): Promise<DemoResult> {
  const timeline = new Timeline(audience.now, audience.onMoment);
  const beganMs = audience.now();
  let failure: string | undefined;
  try {
    audience.signal.throwIfAborted();
    await demo.run({
      signal: audience.signal,
      mark: (text) => timeline.mark(text),
      verify: (claim, held, evidence) => timeline.verify(claim, held, evidence),
    });
  } catch (error) {
    failure = error instanceof Error ? error.message : String(error);
  }
  return resultOf(demo, timeline, audience.now() - beganMs, failure);
}

function resultOf(demo: DemoTitle, timeline: Timeline, tookMs: number, failure: string | undefined): DemoResult {
  const claims = timeline.verdicts;
  return {
    demo: demo.name,
    title: demo.title,
    held: failure === undefined && claims.length > 0 && claims.every(({ held }) => held),
    tookMs: Math.round(tookMs),
    timeline: timeline.moments,
    claims,
    ...(failure === undefined ? {} : { failure }),
  };
}
