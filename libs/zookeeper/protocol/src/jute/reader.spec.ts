import { describe, expect, it } from 'vitest';
import { JuteError, JuteReader, JuteWriter, maxFieldBytes } from '../index.js';

const reader = (hex: string, limit?: number): JuteReader =>
  new JuteReader(Buffer.from(hex.replaceAll(' ', ''), 'hex'), limit);

function fault(read: () => unknown): JuteError {
  try {
    read();
  } catch (error) {
    if (error instanceof JuteError) return error;
    throw error;
  }
  throw new Error('expected a JuteError');
}

describe('JuteReader', () => {
  it('reads signed big-endian integers', () => {
    const fields = reader('ff 00 05 fffffffe 8000000000000000 00000197 00000000');
    expect(fields.readByte()).toBe(-1);
    expect(fields.readBool()).toBe(false);
    expect(fields.readBool()).toBe(true);
    expect(fields.readInt()).toBe(-2);
    expect(fields.readLong()).toBe(-(2n ** 63n));
    expect(fields.readLongAsNumber()).toBe(0x197 * 2 ** 32);
    expect(fields.remaining).toBe(0);
  });

  it('tells null from empty', () => {
    const fields = reader('ffffffff 00000000 ffffffff 00000000 ffffffff 00000000');
    expect(fields.readBuffer()).toBeNull();
    expect(fields.readBuffer()).toEqual(Buffer.alloc(0));
    expect(fields.readString()).toBeNull();
    expect(fields.readString()).toBe('');
    expect(fields.readVector((each) => each.readInt())).toBeNull();
    expect(fields.readVector((each) => each.readInt())).toEqual([]);
  });

  it('returns buffers as views, without copying', () => {
    const bytes = Buffer.from('00000002abcd', 'hex');
    const view = new JuteReader(bytes).readBuffer()!;
    bytes[4] = 0x99;
    expect(view).toEqual(Buffer.from('99cd', 'hex'));
  });

  it('ignores what follows the record', () => {
    expect(reader('00000001 ffff').readInt()).toBe(1);
  });

  describe('strings', () => {
    it('are UTF-8', () => {
      expect(reader('00000006 2f c3bc e4b8ad').readString()).toBe('/ü中');
      expect(reader('00000004 f09f9880').readString()).toBe('😀');
    });

    it('from Java carry two surrogates for one character, and are joined', () => {
      expect(reader('00000008 61 eda0bdedb880 62').readString()).toBe('a😀b');
    });

    it('keep a real replacement character and show what is no UTF-8 as one', () => {
      expect(reader('00000003 efbfbd').readString()).toBe('\ufffd');
      expect(reader('00000003 61 ff 62').readString()).toBe('a\ufffdb');
    });

    it('show surrogates without a partner as replacement characters', () => {
      expect(reader('00000005 61 eda0bd 62').readString()).toMatch(/^a\ufffd+b$/);
      expect(reader('00000006 edb880 eda0bd').readString()).toMatch(/^\ufffd+$/);
      expect(reader('00000002 eda0').readString()).toMatch(/^\ufffd+$/);
    });
  });

  describe('refuses', () => {
    it('a record cut short, and says how many bytes are missing', () => {
      const error = fault(() => reader('00000005 2f61').readString());
      expect(error.code).toBe('ZK_JUTE_TRUNCATED');
      expect(error.missingBytes).toBe(3);
      expect(error.offset).toBe(4);
      expect(error.retryable).toBe(false);
      expect(fault(() => reader('0000').readInt())).toMatchObject({ code: 'ZK_JUTE_TRUNCATED', missingBytes: 2 });
      expect(fault(() => reader('').readBool())).toMatchObject({ code: 'ZK_JUTE_TRUNCATED', missingBytes: 1 });
    });

    it.each(['fffffffe', '80000000'])('the negative length %s', (length) => {
      expect(fault(() => reader(length).readBuffer()).code).toBe('ZK_JUTE_LENGTH');
      expect(fault(() => reader(length).readString()).code).toBe('ZK_JUTE_LENGTH');
      expect(fault(() => reader(length).readVector((each) => each.readInt())).code).toBe('ZK_JUTE_LENGTH');
    });

    it('a field over the limit before it looks for its bytes', () => {
      const error = fault(() => reader('00000401', 1024).readBuffer());
      expect(error.code).toBe('ZK_JUTE_LENGTH');
      expect(error.message).toContain('at most 1024 bytes, the record announces 1025');
    });

    it('a count of elements that the bytes can not hold, before it makes room for them', () => {
      expect(fault(() => reader('7fffffff 00000000').readVector((each) => each.readInt())).code).toBe(
        'ZK_JUTE_TRUNCATED',
      );
    });

    it('null where a string is required', () => {
      expect(fault(() => reader('ffffffff').readRequiredString()).code).toBe('ZK_JUTE_NULL');
    });

    it('a clock no number can hold', () => {
      expect(fault(() => reader('0020000000000000').readLongAsNumber()).code).toBe('ZK_JUTE_VALUE');
      expect(reader('ffffffffffffffff').readLongAsNumber()).toBe(-1);
    });
  });

  describe('a list of strings', () => {
    const written = (items: readonly (string | null)[]) => {
      const writer = new JuteWriter();
      writer.writeVector(items, (to, item) => to.writeString(item));
      writer.writeInt(7);
      return new JuteReader(writer.toBuffer());
    };
    const many = Array.from({ length: 50 }, (_, i) => `name-${i}`);

    it.each([
      ['short', many.slice(0, 3)],
      ['long', many],
      ['long and not ASCII', [...many, 'zoë', '', '名']],
    ])('is the same, and what follows is next: %s', (_kind, items) => {
      const from = written(items);
      expect(from.readStrings()).toEqual(items);
      expect(from.readInt()).toBe(7);
    });

    it('is refused with a null in it, cut off, or with an absurd length', () => {
      expect(fault(() => written([...many, null]).readStrings()).code).toBe('ZK_JUTE_NULL');
      const writer = new JuteWriter();
      writer.writeVector(many, (to, item) => to.writeString(item));
      const bytes = writer.toBuffer();
      for (const length of [5, 30, bytes.length - 1]) {
        expect(fault(() => new JuteReader(bytes.subarray(0, length)).readStrings()).code).toBe('ZK_JUTE_TRUNCATED');
      }
      const absurd = Buffer.from(bytes);
      absurd.writeInt32BE(0x7fffffff, 4);
      expect(fault(() => new JuteReader(absurd).readStrings()).code).toBe('ZK_JUTE_LENGTH');
    });
  });

  it('skips bytes only if they are next', () => {
    const fields = reader('010203');
    expect(fields.skipIfNext(Buffer.from([1, 9]))).toBe(false);
    expect(fields.skipIfNext(Buffer.from([1, 2, 3, 4]))).toBe(false);
    expect(fields.skipIfNext(Buffer.from([1, 2]))).toBe(true);
    expect(fields.readRest()).toEqual(Buffer.from([3]));
  });
});

describe('the limit on a field', () => {
  it('is twice the longest frame unless the slack is given, which is never under 1024 bytes', () => {
    expect(maxFieldBytes(0xfffff)).toBe(2 * 0xfffff);
    expect(maxFieldBytes(0xfffff, 5)).toBe(0xfffff + 1024);
    expect(maxFieldBytes(10)).toBe(10 + 1024);
  });
});
