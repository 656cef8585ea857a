import { describe, expect, it } from 'vitest';

import { KafkaFrameError } from './errors.js';
import { FrameSplitter } from './frame.js';

function frame(payload: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(payload.length);
  return Buffer.concat([length, payload]);
}

const payloads = [Buffer.from('one'), Buffer.alloc(0), Buffer.alloc(200_000, 7), Buffer.from('last')];
const stream = Buffer.concat(payloads.map(frame));

describe('FrameSplitter', () => {
  it.each([1, 2, 3, 5, 65_536, stream.length])('finds the same frames in pieces of %i bytes', (size) => {
    const splitter = new FrameSplitter(1_000_000);
    const found: Buffer[] = [];
    for (let at = 0; at < stream.length; at += size) found.push(...splitter.push(stream.subarray(at, at + size)));
    expect(found.map((each) => each.length)).toEqual(payloads.map((each) => each.length));
    expect(Buffer.concat(found).equals(Buffer.concat(payloads))).toBe(true);
  });

  it.each([-1, 101, 0x7fffffff])('a length of %i with a limit of 100 is refused before anything is kept', (length) => {
    const head = Buffer.alloc(4);
    head.writeInt32BE(length);
    expect(() => new FrameSplitter(100).push(head)).toThrow(KafkaFrameError);
  });
});
