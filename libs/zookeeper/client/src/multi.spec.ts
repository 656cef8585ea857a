import { describe, expect, it } from 'vitest';
import type { MultiOp } from './api.js';
import { toMultiResults } from './multi.js';

const ops: MultiOp[] = [
  { kind: 'create', path: '/a' },
  { kind: 'delete', path: '/b' },
];

describe('the reply to a multi', () => {
  it('loses its chroot', () => {
    const results = toMultiResults(ops, [{ kind: 'create', path: '/root/a' }, { kind: 'delete' }], '/root');
    expect(results).toEqual([{ kind: 'create', path: '/a' }, { kind: 'delete' }]);
  });

  it('names the operation at fault in one line', () => {
    const reply = [{ kind: 'error' as const, wireCode: 0 }, { kind: 'error' as const, wireCode: -101 }]; // prettier-ignore
    expect(() => toMultiResults(ops, reply, '')).toThrow(
      'multi: refused as a whole, because operation 1 of 2 (delete /b) answers ZK_NO_NODE (-101)',
    );
  });

  it.each([
    ['has too few results', [{ kind: 'create' as const, path: '/a' }]],
    ['answers another question', [{ kind: 'check' as const }, { kind: 'delete' as const }]],
  ])('is not believed when it %s', (_what, reply) => {
    expect(() => toMultiResults(ops, reply, '')).toThrow(
      expect.objectContaining({ code: 'ZK_BAD_REPLY', outcome: 'maybe-done' }),
    );
  });
});
