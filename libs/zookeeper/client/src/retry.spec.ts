import { describe, expect, it } from 'vitest';
import { ZkClosedError, ZkMaybeDoneError, ZkNotDoneError } from './errors.js';
import { Retry, withRetry, type RetryPolicy, type RetryState } from './retry.js';

const pauses = (policy: RetryPolicy, states: readonly Partial<RetryState>[]) =>
  states.map((state) => policy({ tries: 1, elapsedMs: 0, wallMs: 0, random: 0.5, ...state }));
const tries = (...counts: number[]) => counts.map((count) => ({ tries: count }));

describe('policies', () => {
  it('exponential: twice as long each time, up to a bound, jittered, for so many tries', () => {
    const policy = Retry.exponential({ baseMs: 10, maxMs: 50, tries: 5 });
    expect(pauses(policy, tries(1, 2, 3, 4, 5))).toEqual([10, 20, 25, 25, null]);
    expect(pauses(policy, [{ random: 0 }])).toEqual([0]);
    expect(pauses(Retry.exponential({ tries: 1e9 }), tries(1e6))[0]).toBeLessThan(10_000);
  });

  it('times: so many tries with the same pause', () => {
    expect(pauses(Retry.times({ tries: 3, pauseMs: 7 }), tries(1, 2, 3))).toEqual([7, 7, null]);
  });

  it('untilElapsed: no try begins too late', () => {
    const policy = Retry.untilElapsed({ elapsedMs: 100, pauseMs: 10 });
    expect(pauses(policy, [{ elapsedMs: 89 }, { elapsedMs: 90 }])).toEqual([10, null]);
  });

  it('forever: without an end, or until a moment', () => {
    expect(pauses(Retry.forever({ pauseMs: 5 }), [{ tries: 1e9, elapsedMs: 1e12 }])).toEqual([5]);
    const policy = Retry.forever({ pauseMs: 5, deadline: new Date(1_000) });
    expect(pauses(policy, [{ wallMs: 994 }, { wallMs: 995 }])).toEqual([5, null]);
  });

  it.each([
    () => Retry.exponential({ baseMs: 0 }),
    () => Retry.times({ tries: NaN, pauseMs: 1 }),
    () => Retry.untilElapsed({ elapsedMs: 1, pauseMs: -1 }),
    () => Retry.forever({ pauseMs: 0 }),
  ])('refuse sizes that can not be: %s', (make) => {
    expect(make).toThrow(expect.objectContaining({ code: 'ZK_INVALID_ARGUMENT' }));
  });
});

describe('an operation that is tried again', () => {
  const soon = Retry.times({ tries: 3, pauseMs: 0 });
  const passing = new ZkNotDoneError('ZK_TIMEOUT', 'not sent', { retryable: true });
  const failing = (errors: readonly Error[]) => {
    let calls = 0;
    const operation = async (): Promise<number> => {
      const error = errors[calls++];
      if (error !== undefined) throw error;
      return calls;
    };
    return { operation, calls: () => calls };
  };

  it('gives what the first success gives', async () => {
    expect(await withRetry(soon, failing([passing, passing]).operation)).toBe(3);
  });

  it('fails with the last error when the policy gives up', async () => {
    const { operation, calls } = failing([passing, passing, passing, passing]);
    await expect(withRetry(soon, operation)).rejects.toBe(passing);
    expect(calls()).toBe(3);
  });

  it.each([
    ['refused for good', new ZkNotDoneError('ZK_NO_AUTH', 'no')],
    ['of a closed client', new ZkClosedError('closed', { retryable: true })],
    ['of something else', new TypeError('a mistake')],
    ['that may have been done', new ZkMaybeDoneError('ZK_CONNECTION_LOST', 'lost')],
  ])('is not repeated after an error %s', async (_what, error) => {
    const { operation, calls } = failing([error]);
    await expect(withRetry(soon, operation)).rejects.toBe(error);
    expect(calls()).toBe(1);
  });

  it('is repeated after maybe-done if its caller says that twice is once', async () => {
    const { operation } = failing([new ZkMaybeDoneError('ZK_CONNECTION_LOST', 'lost')]);
    expect(await withRetry(soon, operation, { repeatMaybeDone: true })).toBe(2);
  });

  it('ends a pause when it is aborted, with what the last try came to', async () => {
    const controller = new AbortController();
    const { operation } = failing([passing]);
    const work = withRetry(Retry.forever({ pauseMs: 3_600_000 }), operation, { signal: controller.signal });
    queueMicrotask(() => controller.abort('enough'));
    await expect(work).rejects.toMatchObject({ code: 'ZK_ABORTED', outcome: 'not-done', cause: 'enough' });
  });
});
