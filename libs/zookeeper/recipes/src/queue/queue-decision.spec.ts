import { describe, expect, it } from 'vitest';
import { decideDelay, decideFifo, decidePriority, dueKind, priorityKind } from './queue-decision.js';

const named = (kind: string, sequence: number) => `_c_ab-${kind}-${String(sequence).padStart(10, '0')}`;
const look = (items: readonly string[], claimed: readonly string[] = [], nowMs = 0) => {
  return { items: [...items, 'notes'], claimed: new Set(claimed), nowMs };
};

describe('a queue', () => {
  it('gives out the oldest first, and neither strangers nor what somebody works on', () => {
    const [a, b, c] = [named('item', 2), named('item', 3), named('item', 10)];
    expect(decideFifo(look([c, a, b], [a]))).toEqual({ take: [b, c], dueInMs: null });
  });

  it('by priority gives out the smallest number first, and the oldest of equals', () => {
    const urgent = named(priorityKind(1), 9);
    const [first, second] = [named(priorityKind(50), 3), named(priorityKind(50), 4)];
    expect(decidePriority(look([second, first, urgent])).take).toEqual([urgent, first, second]);
  });

  it('of delays gives out what is due, and says when the next one is', () => {
    const [late, soon, far] = [named(dueKind(100), 7), named(dueKind(900), 1), named(dueKind(5_000), 2)];
    expect(decideDelay(look([far, soon, late], [], 1_000))).toEqual({ take: [late, soon], dueInMs: 4_000 });
    expect(decideDelay(look([far], [], 5_000))).toEqual({ take: [far], dueInMs: null });
  });
});
