/** The real clocks, real chance, and a log. */
import type { CoreLog, Env } from '../../core/contract/index.js';

export const realEnv = (log: CoreLog): Env => ({
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  random: () => Math.random(),
  log,
});
