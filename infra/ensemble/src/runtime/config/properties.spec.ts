import { describe, expect, it } from 'vitest';
import { parseProperties } from './properties.js';

const keysAndValues = (text: string) => parseProperties(text).map(({ key, value }) => [key, value]);

describe('properties', () => {
  it('are separated by =, : or blanks, with blanks around', () => {
    expect(keysAndValues('a=1\n b : 2\nc 3\nd = e = f\ng')).toEqual([
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', 'e = f'],
      ['g', ''],
    ]);
  });

  it('keep the number of the line they begin on, past comments and continued lines', () => {
    const found = parseProperties('# first\n\n! second\na=1\\\n   2\nb=3\r\nc=4');
    expect(found.map(({ key, value, line }) => [key, value, line])).toEqual([
      ['a', '12', 4],
      ['b', '3', 6],
      ['c', '4', 7],
    ]);
  });

  it('undo escapes, also of separators and of the backslash itself', () => {
    expect(keysAndValues('a\\=b=c\\:d\ne=\\u0041\\tf\\\\\ng=h\\\\\\\ni')).toEqual([
      ['a=b', 'c:d'],
      ['e', 'A\tf\\'],
      ['g', 'h\\i'],
    ]);
  });

  it('tell a line with no separator from a key without a value', () => {
    expect(parseProperties('a\nb=\nc d').map(({ hasSeparator }) => hasSeparator)).toEqual([false, true, false]);
  });
});
