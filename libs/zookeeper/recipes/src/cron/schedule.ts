/** Schedules, as a question: which time comes after this one? Adapters for the common schedulers, none of them needed. */
import { RecipeError } from '../errors.js';

/** @returns the first fire time after `after`, the same for everybody who asks; `null` when there is none. */
export type Schedule = (after: Date) => Date | null;

/** A whole multiple of the period since 1970: the same ticks in every process, whenever it was started. */
export function every(periodMs: number): Schedule {
  if (!Number.isSafeInteger(periodMs) || periodMs < 1) {
    throw new RecipeError('RECIPE_MISUSED', `expected a period in whole milliseconds, got ${periodMs}`, false);
  }
  return (after) => new Date((Math.floor(after.getTime() / periodMs) + 1) * periodMs);
}

/** What is used of a `Cron` of the package croner. Make it paused: `new Cron('0 * * * *', { paused: true })`. */
export interface CronerLike {
  nextRun(after: Date): Date | null;
}

/** A schedule of croner. All processes must agree on pattern and time zone. */
export const fromCroner =
  (cron: CronerLike): Schedule =>
  (after) =>
    cron.nextRun(after);

/** What is used of a `CronTime` of the package cron, whose dates are luxon's. */
export interface CronTimeLike {
  getNextDateFrom(after: Date): { toJSDate(): Date };
}

/** A schedule of the package cron: `fromCronTime(new CronTime('0 * * * *', 'UTC'))`. */
export const fromCronTime =
  (time: CronTimeLike): Schedule =>
  (after) =>
    time.getNextDateFrom(after).toJSDate();
