/** The seam between the soak and a system: what a scenario is given, and what it owes. */
import type { Engine } from '@menagerie/zookeeper-testing';
import type { Chance } from '../random.js';

/** One system under faults. Registered in `scenarios.ts`. */
export interface Scenario {
  /** What it does and checks, in one line, for `--list`. */
  readonly summary: string;
  /** What `--only` can name; without it the scenario has no parts. */
  readonly parts?: readonly string[];
  /**
   * Starts the system, breaks and checks it as long as `run.another()` says so, and leaves nothing behind: no process, no
   * mount, no folder. What is broken goes to `run.violation`; what it throws ends the soak as a failure too.
   */
  run(run: SoakRun): Promise<void>;
}

export interface SoakOptions {
  readonly seed: number;
  /** Wall time; the last point that was begun is finished. */
  readonly minutes: number;
  /** Points (kill points, rounds: what the scenario calls one) after which it ends, whatever the time; null: no limit. */
  readonly points: number | null;
  /** What the system coordinates through. */
  readonly engine: Engine;
  /** Faults or workloads to keep to, by the scenario's own names; empty: all. */
  readonly only: readonly string[];
  /** What is left of a violation goes here: logs, data. Created by whoever writes into it. */
  readonly folder: string;
}

/** A process whose memory and handles must stay flat. */
export interface WatchedProcess {
  readonly name: string;
  /** Undefined while it does not run. */
  readonly pid: () => number | undefined;
}

export interface SoakRun extends SoakOptions {
  /** All choices come from here. Real processes and clocks stay what they are: a seed repeats the schedule, not the run. */
  readonly chance: Chance;
  /** Fires when the soak is to end at once. */
  readonly signal: AbortSignal;
  /** The part of the time that is over, 0 to 1. */
  readonly progress: number;
  /** Whether a rule has been broken: then logs and data are worth keeping, in `folder`. */
  readonly failed: boolean;
  /** True, counting one point, while there are time and points left and no violation; ask before each point. */
  another(): boolean;
  /** Counts operations of a kind (`writes`, `jobs`): their totals and rates are printed. */
  count(what: string, howMany?: number): void;
  /** A fault as it begins or ends: counted by `kind`, and kept for the timeline that a violation prints. */
  fault(kind: string, what: string): void;
  /** A line for the timeline only. */
  note(line: string): void;
  /** A line for whoever reads along, and for the timeline. */
  say(line: string): void;
  /** A rule is broken: named, and told with what was expected and what came. The soak ends with exit status 1. */
  violation(rule: string, detail: string): void;
  /** Samples the process now and then, and prints memory and handles over time. */
  watch(process: WatchedProcess): void;
}
