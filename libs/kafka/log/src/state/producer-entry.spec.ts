import type { BatchHeader } from '@menagerie/kafka-protocol';
import { describe, expect, it } from 'vitest';

import { checkSequence, newEntry } from './producer-entry.js';

const header = (producerEpoch: number, baseSequence: number): BatchHeader =>
  ({ producerId: 7, producerEpoch, baseSequence, baseOffset: 0, lastOffset: 0 }) as BatchHeader;

describe('the sequence of a producer', () => {
  it('begins at 0 in a new epoch', () => {
    const entry = newEntry(7, 3);
    expect(checkSequence(entry, header(4, 0))).toBeNull();
    expect(() => checkSequence(entry, header(4, 1))).toThrow('expected sequence 0 of producer 7, got 1');
  });

  it('is not asked of offsets, which the coordinator commits in its name, in whatever epoch', () => {
    const entry = newEntry(7, 3);
    expect(checkSequence(entry, header(3, -1))).toBeNull();
    expect(checkSequence(entry, header(4, -1))).toBeNull();
    expect(() => checkSequence(entry, header(2, -1))).toThrow('expected epoch 3 of producer 7, got 2');
  });
});
