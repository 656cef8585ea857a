import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PathError, pathFault, validatePath } from './index.js';

describe('a path', () => {
  it.each([
    '/',
    '/a',
    '/a/b',
    '/...',
    '/a.',
    '/.a',
    '/a..b',
    '/..a',
    '/a b',
    '/ü中',
    '/zookeeper',
    '/\uf900',
    '/\uffef',
  ])('may be %j', (path) => expect(pathFault(path)).toBeNull());

  it.each([
    ['', 'Path length must be > 0'],
    ['a', 'Path must start with / character'],
    ['/a/', 'Path must not end with / character'],
    ['/a//b', 'Invalid path string "/a//b" caused by empty node name specified @3'],
    ['//', 'Path must not end with / character'],
    ['//a', 'Invalid path string "//a" caused by empty node name specified @1'],
    ['/.', 'Invalid path string "/." caused by relative paths not allowed @1'],
    ['/a/./b', 'Invalid path string "/a/./b" caused by relative paths not allowed @3'],
    ['/..', 'Invalid path string "/.." caused by relative paths not allowed @2'],
    ['/a/../b', 'Invalid path string "/a/../b" caused by relative paths not allowed @4'],
    ['/a\0b', 'Invalid path string "/a\0b" caused by null character not allowed @2'],
    ['/a\tb', 'Invalid path string "/a\tb" caused by invalid character @2'],
    ['/\u001f', 'Invalid path string "/\u001f" caused by invalid character @1'],
    ['/\u007f', 'Invalid path string "/\u007f" caused by invalid character @1'],
    ['/\u009f', 'Invalid path string "/\u009f" caused by invalid character @1'],
    ['/\ue000', 'Invalid path string "/\ue000" caused by invalid character @1'],
    ['/\uf8ff', 'Invalid path string "/\uf8ff" caused by invalid character @1'],
    ['/\ufff0', 'Invalid path string "/\ufff0" caused by invalid character @1'],
    ['/😀', 'Invalid path string "/😀" caused by invalid character @1'],
  ])('may not be %j', (path, message) => {
    expect(() => validatePath(path)).toThrow(PathError);
    expect(() => validatePath(path)).toThrow(message);
  });

  it('of a sequential node may end with a slash, because digits follow', () => {
    expect(() => validatePath('/a/', true)).not.toThrow();
    expect(() => validatePath('/a/..', true)).not.toThrow();
    expect(() => validatePath('a/', true)).toThrow('Path must start with / character');
  });

  it('is judged as by splitting it', () => {
    const odd = fc.constantFrom('/', '/', '/', '.', '.', 'a', '\0', '\u0001', '\u009f', '\ud800', '\ufff5', '中');
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 8 }), (units) => {
        const path = units.join('');
        const isFine = /^\/[^\0-\u001f\u007f-\u009f\ud800-\uf8ff\ufff0-\uffff]*$/.test(path);
        const names = path.slice(1).split('/');
        const isValid = path === '/' || (isFine && names.every((name) => name !== '' && name !== '.' && name !== '..'));
        expect(pathFault(path) === null).toBe(isValid);
      }),
      { numRuns: 2000 },
    );
  });
});
