import { describe, expect, it } from 'vitest';
import { waitFor } from './wait-for.js';

const options = { timeoutMs: 10_000, what: 'the third look', intervalMs: 1 };

describe('waiting for a condition', () => {
  it('gives what the condition gave when it came true', async () => {
    let looks = 0;
    expect(await waitFor(() => (++looks === 3 ? { looks } : null), options)).toEqual({ looks: 3 });
  });

  it('takes 0 and the empty string for an answer', async () => {
    expect(await waitFor(() => 0, options)).toBe(0);
    expect(await waitFor(() => '', options)).toBe('');
  });

  it('looks again after a look that failed', async () => {
    let looks = 0;
    const look = (): boolean => {
      if (++looks < 3) throw new Error('not yet');
      return true;
    };
    expect(await waitFor(look, options)).toBe(true);
  });

  it('says what was expected, how long it waited, and what the last look met', async () => {
    const fault = new Error('connection refused');
    const waiting = waitFor(() => Promise.reject(fault), { timeoutMs: 5, what: 'a leader', intervalMs: 1 });
    await expect(waiting).rejects.toMatchObject({
      code: 'TESTKIT_TIMEOUT',
      message: 'expected a leader within 5 ms; last look: connection refused',
      cause: fault,
    });
  });
});
