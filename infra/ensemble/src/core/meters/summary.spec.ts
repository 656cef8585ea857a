import { describe, expect, it } from 'vitest';
import { Summary } from './summary.js';

describe('a summary', () => {
  it('is all zeros, and has no quantile, before its first value and after a reset', () => {
    const summary = new Summary();
    summary.add(3);
    summary.reset();
    expect([summary.count, summary.sum, summary.min, summary.max, summary.avg]).toEqual([0, 0, 0, 0, 0]);
    expect(summary.quantile(0.5)).toBeNaN();
  });

  it('knows extremes of all values, and quantiles of the latest 512', () => {
    const summary = new Summary();
    for (let value = 1; value <= 1000; value++) summary.add(value);
    expect([summary.count, summary.sum, summary.min, summary.max]).toEqual([1000, 500_500, 1, 1000]);
    expect(summary.quantile(0)).toBe(489);
    expect(summary.quantile(0.5)).toBe(745);
    expect(summary.quantile(1)).toBe(1000);
  });
});
