import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int, long, nullableBytes, nullableText, safe } from '../__fixtures__/arbitraries.js';
import { JuteReader, JuteWriter } from '../index.js';

describe('JuteWriter', () => {
  it('never touches what it has handed out', () => {
    const writer = new JuteWriter(64);
    const taken: { bytes: Buffer; copy: Buffer }[] = [];
    for (let i = 0; i < 100; i++) {
      writer.writeString(`entry ${i} `.repeat(1 + (i % 7)));
      const bytes = writer.toBuffer();
      taken.push({ bytes, copy: Buffer.from(bytes) });
      writer.writeInt(-1);
      writer.reset();
    }
    for (const { bytes, copy } of taken) expect(bytes).toEqual(copy);
  });

  it('hands out only what was written since the last time', () => {
    const writer = new JuteWriter();
    writer.writeByte(1);
    expect(writer.toBuffer()).toEqual(Buffer.from([1]));
    writer.writeByte(2);
    expect(writer.length).toBe(1);
    expect(writer.toBuffer()).toEqual(Buffer.from([2]));
    expect(writer.toBuffer()).toHaveLength(0);
  });

  it('fills in the length of each frame, also when memory moved in between', () => {
    const writer = new JuteWriter(8);
    for (const size of [0, 3, 100]) {
      const mark = writer.beginFrame();
      writer.writeRaw(Buffer.alloc(size, 7));
      writer.endFrame(mark);
    }
    const fields = new JuteReader(writer.toBuffer());
    expect([fields.readBuffer(), fields.readBuffer(), fields.readBuffer()].map((each) => each!.length)).toEqual([
      0, 3, 100,
    ]);
    expect(fields.remaining).toBe(0);
  });

  it('takes a half-written record back', () => {
    const writer = new JuteWriter();
    writer.writeByte(1);
    const { length } = writer;
    writer.writeString('half');
    writer.truncate(length);
    expect(writer.toBuffer()).toEqual(Buffer.from([1]));
    expect(() => writer.truncate(1)).toThrow(RangeError);
  });

  it.each(['', 'ascii', 'é', 'a😀', 'x'.repeat(48), 'x'.repeat(49), 'x'.repeat(47) + '中', '中'.repeat(50)])(
    'writes %j as its UTF-8',
    (value) => {
      const writer = new JuteWriter(4);
      writer.writeString(value);
      const utf8 = Buffer.from(value, 'utf8');
      const wire = writer.toBuffer();
      expect(wire.readInt32BE(0)).toBe(utf8.length);
      expect(wire.subarray(4)).toEqual(utf8);
    },
  );

  it('writes what the reader reads', () => {
    const writer = new JuteWriter(32);
    fc.assert(
      fc.property(
        int,
        long,
        safe,
        nullableText,
        nullableBytes,
        fc.option(fc.array(int), { nil: null }),
        fc.boolean(),
        (anInt, aLong, aSafe, aText, someBytes, list, aBool) => {
          writer.writeInt(anInt);
          writer.writeLong(aLong);
          writer.writeLongFromNumber(aSafe);
          writer.writeString(aText);
          writer.writeBuffer(someBytes);
          writer.writeVector(list, (to, item) => to.writeInt(item));
          writer.writeBool(aBool);
          const fields = new JuteReader(writer.toBuffer());
          expect(fields.readInt()).toBe(anInt);
          expect(fields.readLong()).toBe(aLong);
          expect(fields.readLongAsNumber()).toBe(aSafe);
          expect(fields.readString()).toBe(aText);
          expect(fields.readBuffer()).toEqual(someBytes);
          expect(fields.readVector((from) => from.readInt())).toEqual(list);
          expect(fields.readBool()).toBe(aBool);
          expect(fields.remaining).toBe(0);
        },
      ),
    );
  });
});
