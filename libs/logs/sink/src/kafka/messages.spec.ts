import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTINUED, messagesOf, OFFSET } from './messages.js';

const SOURCE = 'web-01';
const MAX_BYTES = 400;

const groups = (from: number, text: string) => [
  ...messagesOf(SOURCE, { from, to: from + Buffer.byteLength(text), lines: 0, bytes: Buffer.from(text) }, MAX_BYTES),
];

describe('a batch as messages', () => {
  it('has a message for each line, keyed by its source and named by its offset', () => {
    expect(groups(100, 'one\n\ntwo\n').flat()).toEqual([
      { key: SOURCE, value: Buffer.from('one'), headers: { [OFFSET]: '100' } },
      { key: SOURCE, value: Buffer.from(''), headers: { [OFFSET]: '104' } },
      { key: SOURCE, value: Buffer.from('two'), headers: { [OFFSET]: '105' } },
    ]);
  });

  it('says of a line that was torn that it goes on', () => {
    const [torn] = groups(0, 'half').flat();
    expect(torn?.headers).toEqual({ [OFFSET]: '0', [CONTINUED]: '1' });
  });

  it('holds every byte once, in groups that a broker takes', () => {
    const line = fc.string({ unit: fc.constantFrom('a', 'b', 'ä'), maxLength: 700 });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), fc.boolean(), (lines, ends) => {
        const text = lines.join('\n') + (ends ? '\n' : '');
        let read = '';
        let next = 0;
        for (const group of groups(0, text)) {
          const size = group.reduce((sum, { key, value }) => sum + key.length + value.length, 0);
          expect(size).toBeLessThanOrEqual(MAX_BYTES);
          for (const { value, headers } of group) {
            expect(Number(headers[OFFSET])).toBe(next);
            const whole = headers[CONTINUED] === undefined;
            read += value.toString('latin1') + (whole ? '\n' : '');
            next += value.length + (whole ? 1 : 0);
          }
        }
        expect(read).toBe(Buffer.from(text).toString('latin1'));
      }),
    );
  });
});
