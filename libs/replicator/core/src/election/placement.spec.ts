import { expect, it } from 'vitest';
import { place } from './placement.js';

it('the smallest sequence is first, whatever the host is called', () => {
  const names = ['a-0000000003', 'z-0000000001', 'm-0000000002'];
  expect(place(names, 'z-0000000001')).toEqual({ role: 'first', before: null });
  expect(place(names, 'a-0000000003')).toEqual({ role: 'later', before: 'm-0000000002' });
});

it('a node that is gone has no place, and strangers in the list count for nothing', () => {
  expect(place(['a-0000000003'], 'b-0000000004')).toEqual({ role: null, before: null });
  expect(place(['lock', 'b-0000000004'], 'b-0000000004').role).toBe('first');
});

it('the order survives the wrap of the counter', () => {
  const names = ['a--2147483648', 'b-2147483647'];
  expect(place(names, 'b-2147483647').role).toBe('first');
  expect(place(names, 'a--2147483648').before).toBe('b-2147483647');
});
