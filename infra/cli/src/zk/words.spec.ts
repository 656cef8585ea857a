import { describe, expect, it } from 'vitest';
import { parseAcl } from './print.js';
import { parseFlags, splitLine } from './words.js';
import { formatQuota, parseQuota } from './commands/quotas.js';

describe('a line of the shell', () => {
  it.each([
    ['create /a', ['create', '/a']],
    ['  set  /a "two words" ', ['set', '/a', 'two words']],
    [`set /a 'it "is"'`, ['set', '/a', 'it "is"']],
    ['set /a it\\ is', ['set', '/a', 'it is']],
    ['set /a ""', ['set', '/a', '']],
    ['', []],
  ])('%j is %j', (line, words) => expect(splitLine(line)).toEqual(words));

  it('has options before and behind the path, and none that nobody knows', () => {
    const flags = parseFlags(['/a', '-v', '-1', '-s'], { s: false, v: true });
    expect([flags.has('s'), flags.value('v'), flags.rest]).toEqual([true, '-1', ['/a']]);
    expect(() => parseFlags(['-x'], { s: false })).toThrow('expected -s, found -x');
    expect(() => parseFlags(['-v'], { v: true })).toThrow('expected a value behind -v');
    expect(() => splitLine('"open')).toThrow('expected a closing "');
  });

  it('names an ACL as zkCli does, with colons in the id', () => {
    expect(parseAcl('world:anyone:r,digest:bob:hash=:cdrwa')).toEqual([
      { perms: 1, id: { scheme: 'world', id: 'anyone' } },
      { perms: 31, id: { scheme: 'digest', id: 'bob:hash=' } },
    ]);
    expect(() => parseAcl('world:anyone')).toThrow('expected scheme:id:perms');
  });

  it('writes a quota that old servers and new ones read', () => {
    const quota = { count: 3, bytes: -1, countHardLimit: -1, byteHardLimit: 7 };
    expect(formatQuota(quota)).toBe('count=3,bytes=-1=;byteHardLimit=7');
    expect(parseQuota(formatQuota(quota))).toEqual(quota);
  });
});
