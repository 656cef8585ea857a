import { describe, expect, it } from 'vitest';
import { compareWithBaseline } from './check.js';
import { Comparison } from './comparison.js';

function rows(ratio: number) {
  const comparison = new Comparison(['ours', 'theirs']);
  comparison.add({ name: 'cpu', unit: 'us' }, 'ours', ratio * 100);
  comparison.add({ name: 'cpu', unit: 'us' }, 'theirs', 100);
  return comparison.rows();
}

describe('the guard', () => {
  it('lets a ratio pass up to the tolerance and no further', () => {
    expect(compareWithBaseline(rows(0.38), { cpu: 0.3 }, 1.3)[0]).toMatchObject({ isWorse: false });
    expect(compareWithBaseline(rows(0.4), { cpu: 0.3 }, 1.3)[0]).toMatchObject({ isWorse: true, found: 0.4 });
  });

  it('makes nothing of a small rise of what is small', () => {
    expect(compareWithBaseline(rows(0.06), { cpu: 0.03 }, 1.3)[0]).toMatchObject({ isWorse: false });
    expect(compareWithBaseline(rows(0.09), { cpu: 0.03 }, 1.3)[0]).toMatchObject({ isWorse: true });
  });

  it('takes a kept row that was not measured for worse', () => {
    expect(compareWithBaseline([], { cpu: 0.3 }, 1.3)).toEqual([
      { name: 'cpu', kept: 0.3, found: null, isWorse: true },
    ]);
  });
});
