import { describe, expect, it } from 'vitest';
import { Comparison } from './comparison.js';

function compare(target: object, ours: readonly number[], theirs: readonly number[]) {
  const comparison = new Comparison(['ours', 'theirs']);
  const measure = { name: 'row', unit: 'ms', target };
  for (const value of ours) comparison.add(measure, 'ours', value);
  for (const value of theirs) comparison.add(measure, 'theirs', value);
  return comparison.rows()[0]!;
}

describe('a row', () => {
  it('compares medians, and shows how far the peer is from itself', () => {
    const row = compare({ ratioAtMost: 0.5 }, [10, 90, 20], [40, 50, 80]);
    expect(row).toMatchObject({ ratio: 0.4, noise: 2, verdict: 'met', target: '<= 0.5x' });
  });

  it('with two targets meets both or misses', () => {
    const target = { ratioAtMost: 0.5, under: 200 };
    expect(compare(target, [150], [600]).verdict).toBe('met');
    expect(compare(target, [250], [600]).verdict).toBe('missed');
    expect(compare(target, [190], [300]).verdict).toBe('missed');
  });

  it('whose peer was not measured is neither met nor missed, unless the target is ours alone', () => {
    expect(compare({ ratioAtLeast: 2 }, [1], []).verdict).toBe('not measured');
    expect(compare({ under: 20 }, [1], []).verdict).toBe('met');
    expect(compare({ under: 20 }, [], [1]).verdict).toBe('not measured');
    expect(compare({ under: 20 }, [20], []).verdict).toBe('missed');
    expect(compare({ atMost: 20 }, [20], []).verdict).toBe('met');
    expect(compare({ atMost: 20 }, [21], []).verdict).toBe('missed');
    expect(compare({ atLeast: 20 }, [20], []).verdict).toBe('met');
    expect(compare({ atLeast: 20 }, [19], []).verdict).toBe('missed');
  });

  it('of a bench with one subject has no ratio', () => {
    const comparison = new Comparison(['only']);
    comparison.add({ name: 'row', unit: 'ms' }, 'only', 3);
    expect(comparison.table()).toEqual({
      header: ['measure', 'unit', 'only', 'target', ''],
      rows: [['row', 'ms', '3.00', '', '']],
    });
  });
});
