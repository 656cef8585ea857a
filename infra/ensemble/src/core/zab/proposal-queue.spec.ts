import fc from 'fast-check';
import { expect, it } from 'vitest';
import { transactionAt } from '../__fixtures__/transcript/fakes.js';
import { ProposalQueue } from './proposal-queue.js';

it('gives back what was put in, in order, like a plain array', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -40, max: 90 }), { maxLength: 12 }), (steps) => {
      const queue = new ProposalQueue();
      const twin: bigint[] = [];
      let next = 1n;
      for (const step of steps) {
        for (let i = 0; i < step; i++) {
          queue.push(transactionAt(next));
          twin.push(next++);
        }
        for (let i = 0; i > step && twin.length > 0; i--) expect(queue.shift().zxid).toBe(twin.shift());
        expect(queue.length).toBe(twin.length);
        expect(queue.first()?.zxid).toBe(twin[0]);
        expect([...queue].map(({ zxid }) => zxid)).toEqual(twin);
      }
    }),
  );
});

it('has nothing to give when it is empty', () => {
  const queue = new ProposalQueue();
  expect(queue.first()).toBeNull();
  expect(() => queue.shift()).toThrow('expected a proposal in the queue, got none');
});
