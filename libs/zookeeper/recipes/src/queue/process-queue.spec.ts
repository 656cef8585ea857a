import { describe, expect, it } from 'vitest';
import { decideTurn } from './process-queue.js';

describe('a queue of processes', () => {
  const [first, second, third] = ['_c_x-host9-0000000001', 'host1-0000000002', '_c_y-host10-0000000003'];
  const line = [third, 'notes', second, first];

  it("is each host's turn in the order of coming, whatever it is called", () => {
    expect(decideTurn(line, first)).toEqual({ kind: 'held' });
    expect(decideTurn(line, second)).toEqual({ kind: 'wait', on: [first] });
    expect(decideTurn(line, third)).toEqual({ kind: 'wait', on: [second] });
  });

  it('notices that the own place is gone', () => {
    expect(decideTurn(line, '_c_z-host3-0000000004')).toEqual({ kind: 'gone' });
  });
});
