import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, cut } from './__fixtures__/arbitraries.js';
import { inChunks } from './__fixtures__/captured.js';
import { FOUR_LETTER_WORDS, fourLetterWord, frame, FrameDecoder, FrameError } from './index.js';

const payloads = [Buffer.from('first'), Buffer.alloc(0), Buffer.alloc(300, 0x2e), Buffer.from([0, 0, 0, 1])];
const stream = Buffer.concat(payloads.map((payload) => frame(payload)));

function fault(decoder: FrameDecoder, chunk: Buffer): FrameError {
  try {
    decoder.push(chunk);
  } catch (error) {
    if (error instanceof FrameError) return error;
    throw error;
  }
  throw new Error('expected a FrameError');
}

describe('FrameDecoder', () => {
  it('finds frames glued together, as views of the chunk', () => {
    const found = new FrameDecoder().push(stream);
    expect(found).toEqual(payloads);
    expect(found[0]!.buffer).toBe(stream.buffer);
  });

  it.each([1, 2, 3, 5, 7, 64])('finds frames that come %i bytes at a time', (size) => {
    const decoder = new FrameDecoder();
    expect(inChunks(stream, size).flatMap((chunk) => decoder.push(chunk))).toEqual(payloads);
    expect(decoder.bufferedBytes).toBe(0);
  });

  it('finds the same frames wherever the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(bytes, { maxLength: 6 }).chain((some) => {
          const whole = Buffer.concat(some.map((payload) => frame(payload)));
          return fc.tuple(fc.constant(some), cut(whole));
        }),
        ([some, chunks]) => {
          const decoder = new FrameDecoder();
          expect(chunks.flatMap((chunk) => decoder.push(chunk))).toEqual(some);
        },
      ),
    );
  });

  it('keeps a frame that straddles chunks after the chunk is used again', () => {
    const decoder = new FrameDecoder();
    const chunk = Buffer.from(frame(Buffer.from('straddle')));
    decoder.push(chunk.subarray(0, 9));
    const rest = Buffer.from(chunk.subarray(9));
    chunk.fill(0xff);
    expect(decoder.push(rest)).toEqual([Buffer.from('straddle')]);
  });

  it('says how much it holds back', () => {
    const decoder = new FrameDecoder();
    decoder.push(stream.subarray(0, 3));
    expect(decoder.bufferedBytes).toBe(3);
    decoder.push(stream.subarray(3, 7));
    expect(decoder.bufferedBytes).toBe(7);
  });

  it.each([1, 65_536, 100_000])('puts together a frame of the largest size from chunks of %i bytes', (size) => {
    const payload = Buffer.alloc(200_000);
    for (let i = 0; i < payload.length; i++) payload[i] = i * 31;
    const decoder = new FrameDecoder({ maxFrameBytes: payload.length });
    expect(inChunks(frame(payload), size).flatMap((chunk) => decoder.push(chunk))).toEqual([payload]);
  });

  it.each([
    ['negative', -1],
    ['over the limit', 1025],
  ])('refuses a length that is %s, whole or byte by byte', (_, length) => {
    const header = Buffer.alloc(4);
    header.writeInt32BE(length);
    const error = fault(new FrameDecoder({ maxFrameBytes: 1024 }), header);
    expect(error).toMatchObject({ code: 'ZK_FRAME_LENGTH', length, maxFrameBytes: 1024, retryable: false });
    const slow = new FrameDecoder({ maxFrameBytes: 1024 });
    for (const chunk of inChunks(header.subarray(0, 3), 1)) slow.push(chunk);
    expect(fault(slow, header.subarray(3)).length).toBe(length);
  });

  it('accepts a frame of exactly the limit', () => {
    const payload = Buffer.alloc(1024);
    expect(new FrameDecoder({ maxFrameBytes: 1024 }).push(frame(payload))).toEqual([payload]);
  });

  it('hands over the good frames in front of a bad one', () => {
    const error = fault(new FrameDecoder(), Buffer.concat([stream, Buffer.from('ffffffff', 'hex')]));
    expect(error.completed).toEqual(payloads);
  });

  it.each([...FOUR_LETTER_WORDS])('fails on the four-letter word %s with the length that spells it', (word) => {
    expect(fourLetterWord(fault(new FrameDecoder(), Buffer.from(word)).length)).toBe(word);
  });

  it('knows no other words', () => {
    expect(fourLetterWord(Buffer.from('GET ').readInt32BE(0))).toBeNull();
  });
});
