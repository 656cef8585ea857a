import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inChunks } from '../__fixtures__/captured.js';
import { JuteError, type JuteReader } from '../index.js';
import { ByteWindow } from './byte-window.js';
import { RecordStream } from './record-stream.js';

describe('ByteWindow', () => {
  it('holds exactly what was put in and not taken out', () => {
    const steps = fc.array(fc.tuple(fc.uint8Array({ maxLength: 700 }), fc.nat(900)), { maxLength: 20 });
    fc.assert(
      fc.property(steps, (all) => {
        const window = new ByteWindow();
        let expected = Buffer.alloc(0);
        for (const [chunk, consumed] of all) {
          window.append(Buffer.from(chunk));
          expected = Buffer.concat([expected, chunk]);
          const count = Math.min(consumed, expected.length);
          window.consume(count);
          expected = expected.subarray(count);
          expect(window.view()).toEqual(expected);
        }
      }),
    );
  });

  it('does not write into what it has shown', () => {
    const window = new ByteWindow();
    const shown: { view: Buffer; copy: Buffer }[] = [];
    for (let i = 0; i < 3000; i++) {
      window.append(Buffer.from([i & 0xff, i >> 8]));
      if (window.length > 9) {
        const view = window.view().subarray(0, 7);
        shown.push({ view, copy: Buffer.from(view) });
        window.consume(7);
      }
    }
    for (const { view, copy } of shown) expect(view).toEqual(copy);
  });

  it('copies nothing while chunks are used up', () => {
    const window = new ByteWindow();
    const chunk = Buffer.from('abc');
    window.append(chunk);
    expect(window.view().buffer).toBe(chunk.buffer);
  });

  it('can not give more than it has', () => {
    expect(() => new ByteWindow().consume(1)).toThrow(RangeError);
  });
});

describe('RecordStream', () => {
  const text = (reader: JuteReader): string => reader.readRequiredString();
  const wire = Buffer.from('00000002 6162 00000000 00000003 636465'.replaceAll(' ', ''), 'hex');

  it.each([1, 2, 3, 100])('waits for a record that comes %i bytes at a time', (size) => {
    const stream = new RecordStream(100);
    const found: string[] = [];
    for (const chunk of inChunks(wire, size)) {
      stream.push(chunk);
      for (let record = stream.next(text); record !== null; record = stream.next(text)) found.push(record);
    }
    expect(found).toEqual(['ab', '', 'cde']);
    expect(stream.offset).toBe(wire.length);
  });

  it('does not try again before the missing bytes can be there', () => {
    const stream = new RecordStream(1000);
    let tries = 0;
    const counted = (reader: JuteReader): string => {
      tries += 1;
      return text(reader);
    };
    const large = Buffer.alloc(904, 0x61);
    large.writeInt32BE(900, 0);
    for (const chunk of inChunks(large, 1)) {
      stream.push(chunk);
      stream.next(counted);
    }
    // Once for each byte of the length field but the first three, once for its bytes.
    expect(tries).toBeLessThanOrEqual(3);
  });

  it('shows the bytes of the records it has decoded', () => {
    const stream = new RecordStream(100);
    stream.push(wire);
    stream.next(text);
    expect(stream.takeConsumed()).toEqual(wire.subarray(0, 6));
    stream.next(text);
    expect(stream.takeConsumed()).toEqual(wire.subarray(6, 10));
    expect(stream.takeRest()).toEqual(wire.subarray(10));
    expect(stream.next(text)).toBeNull();
  });

  it('passes on errors that more bytes would not mend', () => {
    const stream = new RecordStream(100);
    stream.push(Buffer.from('7fffffff', 'hex'));
    expect(() => stream.next(text)).toThrow(JuteError);
  });

  it('has a limit for one record', () => {
    const stream = new RecordStream(10);
    stream.push(Buffer.alloc(4));
    expect(() => stream.next((reader) => (reader.skip(41), 1))).toThrow('expected a record of at most 40 bytes');
  });
});
