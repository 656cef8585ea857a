import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearize, type Operation } from './linearizable.js';
import { versionedRegister, type RegisterInput, type RegisterOutput } from './versioned-register.js';

type Write = Operation<RegisterInput, RegisterOutput>;

const write = (begunMs: number, endedMs: number, expected: number, output?: RegisterOutput): Write => ({
  input: { expected },
  output,
  begunMs,
  endedMs,
});
const judge = (...operations: Write[]) => linearize(versionedRegister(0), operations).kind;

describe('a history is linearizable', () => {
  it('when its writes follow each other', () => {
    expect(judge(write(0, 1, -1, { version: 1 }), write(2, 3, 1, { version: 2 }))).toBe('linearizable');
  });

  it('when two that overlap took effect the other way round', () => {
    expect(judge(write(0, 9, 1, { version: 2 }), write(1, 8, -1, { version: 1 }))).toBe('linearizable');
  });

  it('when a write whose answer was lost explains what came later, however much later', () => {
    expect(judge(write(0, 1, -1, { version: 1 }), write(2, 3, 1), write(9, 10, -1, { version: 3 }))).toBe(
      'linearizable',
    );
  });

  it('when a write whose answer was lost never happened', () => {
    expect(judge(write(2, 3, -1), write(9, 10, -1, { version: 1 }))).toBe('linearizable');
  });
});

describe('a history is not linearizable', () => {
  it('when an acknowledged write is lost', () => {
    expect(judge(write(0, 1, -1, { version: 1 }), write(2, 3, -1, { version: 1 }))).toBe('not linearizable');
  });

  it('when two writers changed the same version', () => {
    expect(judge(write(0, 9, 0, { version: 1 }), write(1, 8, 0, { version: 1 }))).toBe('not linearizable');
  });

  it('when a write is refused for a version that nothing can have made', () => {
    expect(judge(write(0, 1, 0, 'BadVersion'))).toBe('not linearizable');
  });

  it('when a later write took effect before one that had been acknowledged', () => {
    expect(judge(write(0, 1, -1, { version: 2 }), write(2, 3, -1, { version: 1 }))).toBe('not linearizable');
  });
});

it('gives up after so many steps, and says so', () => {
  const many = Array.from({ length: 40 }, (_, at) => write(at, 1_000, 41, at < 39 ? undefined : { version: 1 }));
  expect(linearize(versionedRegister(0), many, 1_000).kind).toBe('gave up');
});

it('every history of a real register is linearizable, and none is with one answer that nothing can have given', () => {
  const commands = fc.array(
    fc.record({ expected: fc.integer({ min: -1, max: 12 }), lead: fc.nat(5), lag: fc.nat(5) }),
    {
      minLength: 1,
      maxLength: 30,
    },
  );
  fc.assert(
    fc.property(commands, fc.nat(), (list, which) => {
      let version = 0;
      const operations = list.map(({ expected, lead, lag }, at): Write => {
        const done = expected === -1 || expected === version;
        if (done) version++;
        return write(at * 3 - lead, at * 3 + lag, expected, done ? { version } : 'BadVersion');
      });
      expect(linearize(versionedRegister(0), operations).kind).toBe('linearizable');
      const at = which % operations.length;
      const changed = operations.with(at, { ...operations[at]!, output: { version: list.length + 1 } });
      expect(linearize(versionedRegister(0), changed).kind).toBe('not linearizable');
    }),
    { numRuns: 300 },
  );
});
