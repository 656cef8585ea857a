import { describe, expect, it } from 'vitest';
import { checkRegister, type RegisterAction, type RegisterCall, type RegisterResult } from './linearizability.js';

/** `[called, returned, action, result]`; returned null: no answer came. */
type Row = readonly [number, number | null, RegisterAction, RegisterResult | null];

const check = (rows: readonly Row[]) =>
  checkRegister(
    rows.map(([calledAt, returnedAt, action, result]): RegisterCall => ({
      action,
      calledAt,
      returnedAt: returnedAt ?? Number.POSITIVE_INFINITY,
      result,
    })),
  );

const create = (value: string): RegisterAction => ({ kind: 'create', value });
const set = (value: string): RegisterAction => ({ kind: 'set', value, expectedVersion: -1 });
const read: RegisterAction = { kind: 'read' };
const done: RegisterResult = { kind: 'done' };
const value = (of: string, version: number): RegisterResult => ({ kind: 'value', value: of, version });

describe('the linearizability checker', () => {
  it('takes overlapping calls in the order that explains them', () => {
    const rows: Row[] = [
      [0, 1, create('a'), done],
      [2, 7, set('b'), done],
      [3, 5, read, value('b', 1)],
      [4, 6, read, value('a', 0)],
    ];
    expect(check(rows)).toBe('linearizable');
  });

  it('finds a stale read', () => {
    const rows: Row[] = [
      [0, 1, create('a'), done],
      [2, 3, set('b'), done],
      [4, 5, read, value('a', 0)],
    ];
    expect(check(rows)).toBe('violated');
  });

  it('finds a lost write that nobody read', () => {
    const rows: Row[] = [
      [0, 1, create('a'), done],
      [2, 3, set('b'), done],
      [4, 5, set('c'), { kind: 'done', version: 1 }],
    ];
    expect(check(rows)).toBe('violated');
  });

  it('lets a call without an answer happen late, or never', () => {
    const late: Row[] = [
      [0, 1, create('a'), done],
      [2, null, set('b'), null],
      [3, 4, read, value('a', 0)],
      [5, 6, read, value('b', 1)],
    ];
    const never = late.slice(0, 3);
    expect(check(late)).toBe('linearizable');
    expect(check(never)).toBe('linearizable');
  });

  it('does not let it happen twice', () => {
    const rows: Row[] = [
      [0, 1, create('a'), done],
      [2, null, set('b'), null],
      [3, 4, read, value('b', 1)],
      [5, 6, set('c'), done],
      [7, 8, read, value('b', 3)],
    ];
    expect(check(rows)).toBe('violated');
  });

  it('knows what a refusal says of the state', () => {
    const rows: Row[] = [
      [0, 1, create('a'), { kind: 'exists' }],
      [2, 3, read, { kind: 'absent' }],
    ];
    expect(check(rows)).toBe('violated');
  });
});
