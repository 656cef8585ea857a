/** The two ways in which a server hands bytes to the writer without making a view of them first. */
import { describe, expect, it } from 'vitest';
import { JuteReader, JuteWriter } from '../index.js';

describe('JuteWriter', () => {
  it.each([0, 1, 48, 49, 300])('writes a one-byte string of %i characters as the buffer of its bytes', (length) => {
    const bytes = Buffer.from(Array.from({ length }, (_, i) => (i * 37) & 0xff));
    const writer = new JuteWriter(16);
    writer.writeBufferFromLatin1(bytes.toString('latin1'));
    expect(new JuteReader(writer.toBuffer()).readBuffer()).toEqual(bytes);
  });

  it('writes a null one-byte string as a null buffer', () => {
    const writer = new JuteWriter();
    writer.writeBufferFromLatin1(null);
    expect(new JuteReader(writer.toBuffer()).readBuffer()).toBeNull();
  });

  it('writes a part of other bytes as it is', () => {
    const writer = new JuteWriter(2);
    writer.writeByte(9);
    writer.writeRawRange(Buffer.from([1, 2, 3, 4, 5]), 1, 4);
    expect([...writer.toBuffer()]).toEqual([9, 2, 3, 4]);
  });
});
