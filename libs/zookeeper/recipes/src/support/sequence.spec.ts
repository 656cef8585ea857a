import { describe, expect, it } from 'vitest';
import { isOfKind } from './names.js';
import { compareSequences, contendersInOrder, sequenceOf } from './sequence.js';

describe('sequence numbers', () => {
  it.each([
    ['lock-0000000007', 7],
    ['_c_4f1e-lock-2147483647', 2147483647],
    ['lock--2147483648', -2147483648],
    ['lock--000000001', -1],
    ['4f1e__lock__0000000003', 3],
    ['lock', null],
    ['lock-12', null],
    ['a-2147483648', 2147483648],
    ['0000000012', 12],
  ])('%s ends in %s', (name, sequence) => {
    expect(sequenceOf(name)).toBe(sequence);
  });

  it.each([
    ['lock-0000000007', 'lock', true],
    ['_c_4f1e-lock-0000000007', 'lock', true],
    ['_c_4f1e-lock--2147483648', 'lock', true],
    ['_c_4f1e-lock--000000001', 'lock', true],
    ['_c_4f1e-block-0000000007', 'lock', false],
    ['_c_4f1e-lock-12', 'lock', false],
    ['lock', 'lock', false],
    ['_c_4f1e-read-0000000007', 'lock', false],
  ])('%s is a %s: %s', (name, kind, is) => {
    expect(isOfKind(name, kind)).toBe(is);
  });

  it('order survives the wrap of the counter', () => {
    expect(compareSequences(2147483647, -2147483648)).toBe(-1);
    expect(compareSequences(-2147483648, 2147483647)).toBe(1);
    expect(compareSequences(-1, 0)).toBe(-1);
    expect(compareSequences(5, 5)).toBe(0);
  });

  it('order is by number and not by name, and strangers do not count', () => {
    const children = ['host2-0000000010', 'host10-0000000011', 'host1-0000000009', 'readme', 'other-0000000001'];
    const order = contendersInOrder(children, (name) => name.startsWith('host'));
    expect(order.map((one) => one.name)).toEqual(['host1-0000000009', 'host2-0000000010', 'host10-0000000011']);
  });
});
