/** One soak: counts, samples, the timeline, and the report at the end. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Chance } from '../random.js';
import { ProcessSamples } from './process-samples.js';
import type { Scenario, SoakOptions, SoakRun, WatchedProcess } from './scenario.js';

const REPORT_EVERY_MS = 30_000;
const SAMPLE_EVERY_MS = 2_000;
const MAX_TIMELINE_LINES = 2_000;
const MAX_VIOLATIONS = 20;
/** A point that hangs must not hang the soak: the run is told to end, and then left. */
const GRACE_MS = 5 * 60_000;
/** Growth between a process's second quarter of life and its last that is called a leak; see `judgeMemory`. */
const LEAK_RATIO = 1.5;
const LEAK_MIB = 64;
const LEAK_HANDLES = 64;
/** Shorter lives than this say nothing about leaks. */
const JUDGED_SPAN_MS = 5 * 60_000;

export interface SoakResult {
  readonly violations: readonly string[];
  readonly points: number;
  readonly counts: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
}

export class Soak implements SoakRun {
  readonly seed: number;
  readonly minutes: number;
  readonly points: number | null;
  readonly engine;
  readonly only: readonly string[];
  readonly folder: string;
  readonly chance: Chance;
  private readonly abort = new AbortController();
  private readonly startedMs = performance.now();
  private readonly counts = new Map<string, number>();
  private readonly faults = new Map<string, number>();
  private readonly watched: ProcessSamples[] = [];
  private readonly timeline: string[] = [];
  private readonly violations: string[] = [];
  private begun = 0;
  private wasInterrupted = false;
  private reported = { atMs: 0, counts: new Map<string, number>() };

  constructor(
    private readonly name: string,
    options: SoakOptions,
    private readonly print: (line: string) => void,
  ) {
    ({
      seed: this.seed,
      minutes: this.minutes,
      points: this.points,
      engine: this.engine,
      only: this.only,
      folder: this.folder,
    } = options);
    this.chance = new Chance(options.seed);
  }

  get signal(): AbortSignal {
    return this.abort.signal;
  }

  get progress(): number {
    return Math.min(1, this.elapsedMs() / (this.minutes * 60_000));
  }

  get failed(): boolean {
    return this.violations.length > 0 || this.abort.signal.aborted;
  }

  another(): boolean {
    collectGarbage();
    if (this.failed) return false;
    if (this.elapsedMs() >= this.minutes * 60_000 || (this.points !== null && this.begun >= this.points)) return false;
    this.begun++;
    return true;
  }

  count(what: string, howMany = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + howMany);
  }

  fault(kind: string, what: string): void {
    this.faults.set(kind, (this.faults.get(kind) ?? 0) + 1);
    this.note(`${kind}: ${what}`);
  }

  note(line: string): void {
    this.timeline.push(`${this.clock()} ${line}`);
    if (this.timeline.length > MAX_TIMELINE_LINES) this.timeline.splice(0, MAX_TIMELINE_LINES / 2);
  }

  say(line: string): void {
    this.note(line);
    this.print(`${this.clock()} ${line}`);
  }

  violation(rule: string, detail: string): void {
    if (this.violations.length >= MAX_VIOLATIONS) return;
    this.violations.push(`${rule}: ${detail}`);
    this.say(`VIOLATION ${rule}: ${detail}`);
  }

  watch(process: WatchedProcess): void {
    this.watched.push(new ProcessSamples(process));
  }

  /** The user wants it to end: what has been found until then is the result. */
  interrupt(signal: string): void {
    this.wasInterrupted = true;
    this.stop(signal);
  }

  private stop(why: string): void {
    this.say(`stopping: ${why}`);
    this.abort.abort(new Error(why));
  }

  /** Runs the scenario to its end and prints the report. */
  async run(scenario: Scenario): Promise<SoakResult> {
    this.watch({ name: 'the soak itself', pid: () => process.pid });
    const sampling = setInterval(() => this.sample(), SAMPLE_EVERY_MS);
    const reporting = setInterval(() => this.report(), REPORT_EVERY_MS);
    const limit = setTimeout(
      () => this.stop(`the last point took more than ${GRACE_MS / 60_000} minutes`),
      this.minutes * 60_000 + GRACE_MS,
    );
    try {
      await scenario.run(this);
    } catch (error) {
      if (!this.abort.signal.aborted) this.violation('it runs to its end', stackOf(error));
    } finally {
      for (const timer of [sampling, reporting]) clearInterval(timer);
      clearTimeout(limit);
    }
    if (this.abort.signal.aborted && !this.wasInterrupted)
      this.violation('it runs to its end', String(this.abort.signal.reason));
    this.judgeMemory();
    this.conclude();
    return { violations: this.violations, points: this.begun, counts: this.counts, faults: this.faults };
  }

  private sample(): void {
    for (const each of this.watched) each.take(this.elapsedMs());
  }

  private report(): void {
    const nowMs = this.elapsedMs();
    const seconds = (nowMs - this.reported.atMs) / 1000;
    const rates = [...this.counts].map(
      ([what, count]) => `${what} ${((count - (this.reported.counts.get(what) ?? 0)) / seconds).toFixed(1)}/s`,
    );
    const memory = this.watched.map((each) => {
      const sample = each.take(nowMs);
      return `${each.process.name} ${sample === null ? 'down' : `${sample.rssMiB} MiB/${sample.handles}`}`;
    });
    this.reported = { atMs: nowMs, counts: new Map(this.counts) };
    this.print(`${this.clock()} point ${this.begun}; ${rates.join(', ')}; ${memory.join(', ')}`);
  }

  /** A process that lived for minutes and grew by half and by much has a leak. */
  private judgeMemory(): void {
    for (const each of this.watched) {
      const trend = each.trend();
      if (trend === null || trend.spanMs < JUDGED_SPAN_MS) continue;
      const { early, late, pid } = trend;
      const grewMiB = late.rssMiB - early.rssMiB;
      if (grewMiB > LEAK_MIB && late.rssMiB > early.rssMiB * LEAK_RATIO) {
        this.violation('memory is flat', `${each.process.name} (${pid}): ${early.rssMiB} MiB, later ${late.rssMiB}`);
      }
      if (late.handles > early.handles + LEAK_HANDLES) {
        this.violation('handles are flat', `${each.process.name} (${pid}): ${early.handles}, later ${late.handles}`);
      }
    }
  }

  private conclude(): void {
    const list = (of: ReadonlyMap<string, number>): string =>
      [...of].map(([what, count]) => `${what} ${count}`).join(', ') || 'none';
    const lines = [
      `${this.name} on ${this.engine}, seed ${this.seed}: ${this.begun} points in ${this.clock()}`,
      `operations: ${list(this.counts)}`,
      `faults: ${list(this.faults)}`,
      ...this.watched.map((each) => `${each.process.name}: ${trendText(each)}`),
      `${this.violations.length} violations`,
    ];
    if (this.violations.length > 0) {
      mkdirSync(this.folder, { recursive: true });
      const file = join(this.folder, 'timeline.txt');
      writeFileSync(file, `${[...lines, ...this.violations, '', ...this.timeline].join('\n')}\n`);
      lines.push(...this.violations.map((violation) => `  ${violation}`), `timeline and logs: ${this.folder}`);
      lines.push(
        `the same schedule again: npm run soak -- ${this.name} --seed ${this.seed} --minutes ${this.minutes}` +
          `${this.points === null ? '' : ` --points ${this.points}`} --engine ${this.engine}` +
          (this.only.length === 0 ? '' : ` --only ${this.only.join(',')}`),
      );
    }
    for (const line of lines) this.print(line);
  }

  private elapsedMs(): number {
    return performance.now() - this.startedMs;
  }

  private clock(): string {
    const seconds = this.elapsedMs() / 1000;
    return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
  }
}

function trendText(each: ProcessSamples): string {
  const trend = each.trend();
  if (trend === null) return 'no process of it lived long enough to tell';
  const { early, late, spanMs, pid } = trend;
  return (
    `${early.rssMiB} MiB and ${early.handles} handles early, ${late.rssMiB} MiB and ${late.handles} late ` +
    `(process ${pid}, ${Math.round(spanMs / 1000)} s)`
  );
}

/** V8 lets garbage lie while there is room. What is watched here is what is held. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
