import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { AbortListeners } from './abort-listeners.js';

describe('abort listeners', () => {
  it('put one listener on a signal for any number of calls, and none when they are over', () => {
    const listeners = new AbortListeners();
    const { signal } = new AbortController();
    const offs = Array.from({ length: 100 }, () => listeners.add(signal, () => undefined));
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    for (const off of offs) off();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    listeners.add(signal, () => undefined);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  });

  it('call each that is still there, also when one takes another off', () => {
    const listeners = new AbortListeners();
    const controller = new AbortController();
    const called: number[] = [];
    const offs = [0, 1, 2].map((n) =>
      listeners.add(controller.signal, () => {
        called.push(n);
        for (const off of offs) off();
      }),
    );
    controller.abort();
    expect(called).toContain(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
