import { describe, expect, it } from 'vitest';
import { watchBatches } from './watch-batches.js';

const none = { data: [], exists: [], children: [], persistent: [], recursive: [] };

describe('watches for a new connection', () => {
  it('need no request when there are none', () => {
    expect(watchBatches(none)).toEqual([]);
  });

  it('go in as few requests as the limit allows, each path once, in order', () => {
    const paths = (prefix: string): string[] => Array.from({ length: 10 }, (_, index) => `/${prefix}-${index}`);
    const watches = {
      data: paths('data'),
      exists: paths('exists'),
      children: paths('children'),
      persistent: paths('persistent'),
      recursive: paths('recursive'),
    };
    const batches = watchBatches(watches, 60);
    expect(batches.length).toBeGreaterThan(3);
    for (const kind of ['data', 'exists', 'children', 'persistent', 'recursive'] as const) {
      expect(batches.flatMap((batch) => batch[kind])).toEqual(watches[kind]);
    }
    for (const batch of batches.slice(0, -1)) {
      const bytes = Object.values(batch).flat().reduce((sum, path) => sum + 4 + path.length, 0); // prettier-ignore
      expect(bytes).toBeGreaterThanOrEqual(60);
      expect(bytes).toBeLessThan(60 + 20);
    }
  });
});
