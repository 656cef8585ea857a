/** Small changes to bytes, of the kinds that decoders get wrong: lengths, signs, ends, repetitions, what others hold. */
import type { Random } from './random.js';

export const MAX_INPUT_BYTES = 8 * 1024;

/** Lengths and counts at which something turns: signs, limits, one more than fits. */
const INTERESTING_INTS = [
  -1, 0, 1, 2, 16, 127, 128, 255, 256, 0xffff, 0x10000, 0xfffff, 0x100000, 0x7fffffff, -0x80000000,
];

type Mutation = (input: Buffer, random: Random, other: Buffer) => Buffer;

const mutations: readonly Mutation[] = [
  // One bit.
  (input, random) => changed(input, random, (byte) => byte ^ (1 << random.below(8))),
  // One byte.
  (input, random) => changed(input, random, () => random.below(256)),
  // An int that may be a length or a count.
  (input, random) => withInt(input, random, random.pick(INTERESTING_INTS)),
  // A length that is a little off.
  (input, random) => {
    if (input.length < 4) return input;
    const at = random.below(input.length - 3);
    const copy = Buffer.from(input);
    copy.writeInt32BE((copy.readInt32BE(at) + random.below(17) - 8) | 0, at);
    return copy;
  },
  // Cut short.
  (input, random) => input.subarray(0, random.below(input.length + 1)),
  // A piece taken out.
  (input, random) => {
    const [from, to] = range(input, random);
    return Buffer.concat([input.subarray(0, from), input.subarray(to)]);
  },
  // A piece twice.
  (input, random) => {
    const [from, to] = range(input, random);
    return Buffer.concat([input.subarray(0, to), input.subarray(from)]);
  },
  // A piece of another input put in.
  (input, random, other) => {
    const at = random.below(input.length + 1);
    const [from, to] = range(other, random);
    return Buffer.concat([input.subarray(0, at), other.subarray(from, to), input.subarray(at)]);
  },
  // The beginning of this and the end of another.
  (input, random, other) =>
    Buffer.concat([input.subarray(0, random.below(input.length + 1)), other.subarray(random.below(other.length + 1))]),
  // Bytes of chance put in.
  (input, random) => {
    const at = random.below(input.length + 1);
    const bytes = Buffer.from(Array.from({ length: 1 + random.below(8) }, () => random.below(256)));
    return Buffer.concat([input.subarray(0, at), bytes, input.subarray(at)]);
  },
];

export function mutate(input: Buffer, random: Random, other: Buffer): Buffer {
  let result = input;
  for (let count = 1 + random.below(4); count > 0; count--) result = random.pick(mutations)(result, random, other);
  return Buffer.from(result.subarray(0, MAX_INPUT_BYTES));
}

function changed(input: Buffer, random: Random, change: (byte: number) => number): Buffer {
  if (input.length === 0) return input;
  const copy = Buffer.from(input);
  const at = random.below(copy.length);
  copy[at] = change(copy[at]!);
  return copy;
}

function withInt(input: Buffer, random: Random, value: number): Buffer {
  if (input.length < 4) return input;
  const copy = Buffer.from(input);
  copy.writeInt32BE(value, random.below(copy.length - 3));
  return copy;
}

function range(input: Buffer, random: Random): [from: number, to: number] {
  const from = random.below(input.length + 1);
  return [from, from + random.below(Math.min(64, input.length - from) + 1)];
}
