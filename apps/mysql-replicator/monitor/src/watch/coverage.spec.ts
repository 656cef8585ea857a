import { expect, it } from 'vitest';
import { NO_COVERAGE, observe } from './coverage.js';

it('counts the time without anybody, and each change of hands', () => {
  let coverage = observe(NO_COVERAGE, 'h1-0000000001', true, 0);
  expect(coverage).toMatchObject({ uncoveredSinceMs: null, takeovers: 0 });
  coverage = observe(coverage, null, true, 100);
  coverage = observe(coverage, null, true, 400);
  expect(coverage.uncoveredSinceMs).toBe(100);
  coverage = observe(coverage, 'h2-0000000002', true, 700);
  expect(coverage).toMatchObject({ running: 'h2-0000000002', uncoveredSinceMs: null, uncoveredMs: 600, takeovers: 1 });
});

it('a task that is stopped needs nobody', () => {
  const coverage = observe(NO_COVERAGE, null, false, 100);
  expect(coverage.uncoveredSinceMs).toBeNull();
});
