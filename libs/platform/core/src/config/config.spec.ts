import { describe, expect, it } from 'vitest';
import { PatternError } from '../errors.js';
import { parseDocument } from './document.js';
import { validateDocument } from './schema.js';
import { changesBetween, type Change, diffTrees, MASK, masked, type Revision, treeAt } from './tree.js';

const change = (key: string, text: string | null, isSecret = false): Change => ({ key, text, isSecret });
const revision = (number: number, ...changes: Change[]): Revision => {
  return { number, atMs: number, by: 'ada', comment: '', changes };
};
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    if (error instanceof PatternError) return `${error.code} ${error.message}`;
    throw error;
  }
  throw new Error('expected a refusal');
};

describe('documents', () => {
  it.each([
    ['db.json', '{"port":3306}', { port: 3306 }],
    ['db.yaml', 'port: 3306', { port: 3306 }],
    ['db.properties', 'port=3306\nhost : a', { port: '3306', host: 'a' }],
    ['motd', 'port=3306', 'port=3306'],
  ])('%s is read as its ending says', (key, text, value) => {
    expect(parseDocument(key, text)).toEqual(value);
  });

  it('what cannot be parsed, is too large, or is a bomb of aliases is refused in one line', () => {
    expect(refusal(() => parseDocument('db.json', '{'))).toMatch(/^CONFIG_INVALID db\.json: expected json: .+$/);
    expect(refusal(() => parseDocument('a', 'x'.repeat(300_000)))).toMatch(/at most 262144 bytes, got 300000/);
    const bomb = `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]`;
    expect(refusal(() => parseDocument('bomb.yaml', bomb))).toMatch(/^CONFIG_INVALID bomb\.yaml: expected yaml/);
  });

  it('a schema refuses with the place; numbers in properties are text that may be a number', () => {
    const schema = JSON.stringify({
      $id: 'again',
      type: 'object',
      properties: { port: { type: 'integer', maximum: 65_535 } },
      required: ['port'],
    });
    for (const key of ['db.json', 'db.json']) expect(() => validateDocument(key, '{"port":1}', schema)).not.toThrow();
    expect(() => validateDocument('db.properties', 'port=1', schema)).not.toThrow();
    expect(refusal(() => validateDocument('db.json', '{"port":"1"}', schema))).toBe(
      'CONFIG_INVALID db.json at /port: must be integer',
    );
    expect(refusal(() => validateDocument('db.json', '{}', schema))).toMatch(/must have required property 'port'/);
    expect(refusal(() => validateDocument('db.json', '{}', '{"type":"nothing"}'))).toMatch(/schema of db\.json/);
  });
});

describe('history', () => {
  const history = [
    revision(1, change('db.json', '{"host":"a","pool":{"max":4}}'), change('password', 'one', true)),
    revision(2, change('db.json', '{"host":"b","pool":{"max":4}}'), change('motd', 'hello')),
    revision(3, change('motd', null), change('password', 'two', true)),
  ];

  it('the tree of each revision can be made again, and a rollback is what differs', () => {
    const back = changesBetween(treeAt(history, 3), treeAt(history, 1));
    expect(back).toEqual([change('db.json', '{"host":"a","pool":{"max":4}}'), change('password', 'one', true)]);
    expect(changesBetween(treeAt(history, 1), treeAt(history, 0)).map(({ text }) => text)).toEqual([null, null]);
    expect(refusal(() => treeAt(history, 4))).toBe('CONFIG_NOT_FOUND revision 4: expected one that is kept (1 to 3)');
  });

  it('differences are told value by value, and of a secret only that it differs', () => {
    expect(diffTrees(treeAt(history, 1), treeAt(history, 3))).toEqual([
      { path: 'db.json/host', before: 'a', after: 'b' },
      { path: 'password', before: MASK, after: MASK },
    ]);
    expect(JSON.stringify(history.map(masked))).not.toMatch(/one|two/);
  });
});
