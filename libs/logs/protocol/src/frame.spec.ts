import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeFrame,
  encodeFrameHead,
  type Frame,
  FrameDecoder,
  FrameError,
  FrameKind,
  MAX_PAYLOAD_BYTES,
} from './frame.js';

const data = (from: number, text: string): Frame => ({
  kind: FrameKind.data,
  from,
  to: from + Buffer.byteLength(text),
  payload: Buffer.from(text),
});
const idle: Frame = { kind: FrameKind.idle, from: 7, to: 9, payload: Buffer.alloc(0) };
const gap: Frame = { kind: FrameKind.gap, from: 9, to: 5_000_000_000, payload: Buffer.from('rotated away') };

describe('frames', () => {
  it('are these bytes', () => {
    expect(encodeFrame(data(258, 'ab\n')).toString('hex')).toBe(
      '0000001401' + '0000000000000102' + '0000000000000105' + '61620a',
    );
  });

  it('come out as they went in, in whatever pieces they arrive', () => {
    const frames = [data(0, 'one\n'), gap, idle, data(4, 'zwölf\n')];
    const bytes = Buffer.concat(frames.map(encodeFrame));
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 30 })), (steps) => {
        const decoder = new FrameDecoder();
        const out: Frame[] = [];
        let at = 0;
        for (const step of [...steps, bytes.length]) {
          out.push(...decoder.push(bytes.subarray(at, at + step)));
          at = Math.min(bytes.length, at + step);
        }
        expect(out).toEqual(frames);
      }),
    );
  });

  it.each([
    ['a length that is too small', Buffer.from('00000003010000', 'hex')],
    ['a length beyond the limit', Buffer.from('7fffffff', 'hex')],
    ['an unknown kind', Buffer.concat([Buffer.from('0000001109', 'hex'), Buffer.alloc(16)])],
    [
      'data that is not as long as it says',
      Buffer.concat([encodeFrameHead(FrameKind.data, 0, 5, 2), Buffer.from('ab')]),
    ],
    ['a frame that goes backwards', encodeFrameHead(FrameKind.gap, 5, 4, 0)],
    ['an offset that is no number any more', Buffer.concat([Buffer.from('0000001103', 'hex'), Buffer.alloc(16, 0xff)])],
  ])('%s is refused', (_, bytes) => {
    expect(() => [...new FrameDecoder().push(bytes)]).toThrow(FrameError);
  });

  it('whatever a stranger sends, it is frames or a FrameError, and no more than one frame is kept', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        try {
          for (const { payload } of new FrameDecoder().push(Buffer.from(bytes))) {
            expect(payload.length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
          }
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
    );
  });
});
