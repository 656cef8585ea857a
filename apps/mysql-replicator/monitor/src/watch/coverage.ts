/** How long a task was without anybody who runs it. Pure: the clock is the caller's. */

export interface Coverage {
  readonly running: string | null;
  readonly uncoveredSinceMs: number | null;
  readonly uncoveredMs: number;
  /** Times that another instance runs it than the one before. */
  readonly takeovers: number;
  readonly last: string | null;
}

export const NO_COVERAGE: Coverage = {
  running: null,
  uncoveredSinceMs: null,
  uncoveredMs: 0,
  takeovers: 0,
  last: null,
};

/** @param running the instance that says RUNNING, if one does; nobody has to when the task is stopped */
export function observe(before: Coverage, running: string | null, isWanted: boolean, nowMs: number): Coverage {
  const open = before.uncoveredSinceMs;
  if (running !== null || !isWanted) {
    const closed = open === null ? 0 : nowMs - open;
    const isOther = running !== null && before.last !== null && running !== before.last;
    return {
      running,
      uncoveredSinceMs: null,
      uncoveredMs: before.uncoveredMs + closed,
      takeovers: before.takeovers + (isOther ? 1 : 0),
      last: running ?? before.last,
    };
  }
  return { ...before, running: null, uncoveredSinceMs: open ?? nowMs };
}
