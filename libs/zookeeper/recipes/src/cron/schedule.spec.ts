import { describe, expect, it } from 'vitest';
import { every, fromCroner, fromCronTime } from './schedule.js';

const at = (text: string) => new Date(`2026-03-01T${text}Z`);

describe('a schedule', () => {
  it('of a period has the same ticks whenever it is asked', () => {
    const schedule = every(60_000);
    expect(schedule(at('10:00:00.000'))).toEqual(at('10:01:00.000'));
    expect(schedule(at('10:00:59.999'))).toEqual(at('10:01:00.000'));
  });

  it('refuses a period that never comes', () => {
    expect(() => every(0)).toThrow(/expected a period/);
  });

  it('asks croner and cron in their own words', () => {
    const next = at('10:05:00.000');
    expect(fromCroner({ nextRun: () => next })(at('10:00:00.000'))).toBe(next);
    expect(fromCroner({ nextRun: () => null })(at('10:00:00.000'))).toBeNull();
    expect(fromCronTime({ getNextDateFrom: () => ({ toJSDate: () => next }) })(at('10:00:00.000'))).toBe(next);
  });
});
