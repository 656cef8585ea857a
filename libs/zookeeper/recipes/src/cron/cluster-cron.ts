/**
 * A job on a schedule that many processes share: each tick runs in one of them.
 *
 * Which times are due is the schedule's business (croner, `cron`, or a function of one's own), asked as "what comes after
 * this time", so that a tick has the same name in every process however late their timers are. Who runs a tick is
 * `OncePerTick`'s.
 */
import { isClosed, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { isRecipeError, RecipeError } from '../errors.js';
import { join } from '../support/names.js';
import { breathe } from '../support/passing.js';
import { OncePerTick, type OncePerTickOptions, type Tick } from './once-per-tick.js';
import type { Schedule } from './schedule.js';

export interface ClusterCronOptions extends OncePerTickOptions {
  /** Below it stands one directory a job. Default `/cron`. */
  readonly root?: string;
  /**
   * How late a tick may still be run, in milliseconds: after a pause of this process, or an outage of the ensemble. A tick
   * that is later is left to others. Default 60,000.
   */
  readonly graceMs?: number;
  /** Told of ticks that ran here. */
  readonly onRan?: (tick: Tick) => void;
  /** Told of what the job threw, and of ticks for which no decision could be had in time. */
  readonly onFailure?: (error: unknown, fireTime: Date) => void;
}

/** `setTimeout` takes no more; a longer wait is waited in pieces. */
const MAX_TIMER_MS = 0x7fffffff;
/** Ticks under way at a time; one more is not run here, others may. */
const MAX_UNDER_WAY = 100;

export class ClusterCron implements AsyncDisposable {
  private readonly ticks: OncePerTick;
  private readonly stop = new AbortController();
  private readonly underWay = new Set<Promise<void>>();
  private running: Promise<void> | null = null;

  /** @param name of the job, the same in all processes: a plain word. */
  constructor(
    client: ZooKeeperClient,
    readonly name: string,
    private readonly schedule: Schedule,
    private readonly job: (tick: Tick) => Promise<void> | void,
    private readonly options: ClusterCronOptions = {},
  ) {
    if (!/^[\w.:-]{1,200}$/.test(name)) {
      throw new RecipeError('RECIPE_MISUSED', `expected a job's name of letters, digits, "._:-", got "${name}"`, false);
    }
    this.ticks = new OncePerTick(client, join(options.root ?? '/cron', name), options);
  }

  /** @throws RecipeError `RECIPE_MISUSED` when started twice. */
  start(): void {
    if (this.running) throw new RecipeError('RECIPE_MISUSED', `the job ${this.name} was started already`, false);
    this.running = this.run();
  }

  /** No further ticks; resolves when the jobs under way have ended. */
  async close(): Promise<void> {
    this.stop.abort();
    await this.running;
    await Promise.all(this.underWay);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Fire times on record, the oldest first. */
  history(): Promise<readonly Date[]> {
    return this.ticks.history();
  }

  private async run(): Promise<void> {
    const { signal } = this.stop;
    let last = new Date();
    while (!signal.aborted) {
      const next = this.schedule(last);
      if (next === null) return;
      if (next <= last) {
        const error = new RecipeError(
          'RECIPE_MISUSED',
          `${this.name}: the schedule does not move on from ${next}`,
          false,
        );
        return this.options.onFailure?.(error, next);
      }
      while (!signal.aborted && Date.now() < next.getTime()) {
        await breathe(signal, Math.min(next.getTime() - Date.now(), MAX_TIMER_MS));
      }
      if (signal.aborted) return;
      last = next;
      const graceMs = this.options.graceMs ?? 60_000;
      const restMs = next.getTime() + graceMs - Date.now();
      if (restMs > 0 && this.underWay.size < MAX_UNDER_WAY) this.fire(next, restMs);
    }
  }

  /** The next tick does not wait for this one's job. */
  private fire(fireTime: Date, restMs: number): void {
    const { onRan, onFailure } = this.options;
    const job = async (tick: Tick) => {
      await this.job(tick);
      onRan?.(tick);
    };
    const wait = { timeoutMs: restMs, signal: this.stop.signal };
    const tick = this.ticks.run(fireTime, job, wait).then(
      () => undefined,
      (error: unknown) => {
        if (isClosed(error) || (this.stop.signal.aborted && isRecipeError(error, 'RECIPE_ABORTED'))) return;
        onFailure?.(error, fireTime);
      },
    );
    this.underWay.add(tick);
    void tick.finally(() => this.underWay.delete(tick));
  }
}
