import { DubboUrl, encode, isDubboError } from '@menagerie/dubbo-url';
import { describe, expect, it } from 'vitest';
import { Provider } from '../provider/provider.js';
import { parseCondition } from './condition.js';
import { route } from './route.js';
import { conditionRules, routeOf, tagRule } from './rules.js';

const consumer = DubboUrl.parse('consumer://10.0.0.6/a.B?application=shop&region=north');
const provider = (n: number, query = '') => new Provider(DubboUrl.parse(`tri://10.0.0.${n}:20880/a.B?${query}`));
const providers = [provider(1, 'region=north'), provider(2, 'region=south'), provider(3, 'region=north')];
const badRule = expect.toSatisfy((error) => isDubboError(error, 'DUBBO_BAD_RULE'));
function left(text: string, { force = false, method = 'get' } = {}): number[] {
  const conditions = [{ kind: 'condition' as const, rule: parseCondition(text), force, priority: 0 }];
  return route(providers, { conditions, tag: null }, { consumer, method }).map(({ address }) => Number(address[7]));
}

describe('condition rules', () => {
  it.each([
    ['host = 10.0.0.6 => host = 10.0.0.1', [1]],
    ['host = 10.0.0.7 => host = 10.0.0.1', [1, 2, 3]],
    ['=> host != 10.0.0.1', [2, 3]],
    ['=> host = 10.0.0.1,10.0.0.2', [1, 2]],
    ['=> host = 10.0.0.*', [1, 2, 3]],
    ['=> region = $region', [1, 3]],
    ['=> region = north & host != 10.0.0.3', [1]],
    ['method = get => host = 10.0.0.2', [2]],
    ['method = put => host = 10.0.0.2', [1, 2, 3]],
    ['application = shop =>', []],
    ['application = shop => false', []],
    ['=> port = 20880', [1, 2, 3]],
    ['=> colour = red', [1, 2, 3]],
  ])('%s', (text, expected) => expect(left(text)).toEqual(expected));

  it('one that leaves nobody is passed over, unless it is forced', () => {
    expect(left('=> host = 10.9.9.9')).toEqual([1, 2, 3]);
    expect(left('=> host = 10.9.9.9', { force: true })).toEqual([]);
  });

  it.each(['', '   ', '= 1 => host = 2', 'host == 1 => x = 1', '=> host', ', a => b = 1', 'x'.repeat(20_000)])(
    'one that does not parse is refused: %.30s',
    (text) => expect(() => parseCondition(text)).toThrow(badRule),
  );

  it('are read from URLs and from YAML alike', () => {
    const text = 'host = 10.0.0.6 => host = 10.0.0.1';
    const fromUrl = routeOf(DubboUrl.parse(`condition://0.0.0.0/a.B?category=routers&force=true&rule=${encode(text)}`));
    expect(fromUrl).toMatchObject({ force: true, rule: parseCondition(text) });
    const fromYaml = conditionRules(`scope: service\nforce: true\nkey: a.B\nconditions:\n  - ${text}\n`);
    expect(fromYaml[0]?.rule).toEqual(parseCondition(text));
    expect(conditionRules(`enabled: false\nconditions: ["=> false"]`)).toEqual([]);
  });

  it.each(['conditions: 3', '{', 'a: *b', 'conditions: ["=> host"]'])('YAML that is no rule is refused: %s', (text) => {
    expect(() => conditionRules(text)).toThrow(badRule);
  });
});

describe('tags', () => {
  const tagged = [provider(1), provider(2, 'dubbo.tag=gray'), provider(3)];
  const rule = tagRule('tags:\n  - name: blue\n    addresses: ["10.0.0.3:20880"]\n');
  const who = (tag?: string, more: { forceTag?: boolean; rule?: ReturnType<typeof tagRule> } = {}) =>
    route(tagged, { conditions: [], tag: more.rule ?? null }, { consumer, method: 'get', tag, ...more }).map(
      ({ address }) => Number(address[7]),
    );

  it.each([
    [undefined, [1, 3]],
    ['gray', [2]],
    ['green', [1, 3]],
  ])('a call with tag %s goes to %s', (tag, expected) => expect(who(tag)).toEqual(expected));

  it('a rule names addresses, and counts before what providers say', () => {
    expect(who('blue', { rule })).toEqual([3]);
    expect(who(undefined, { rule })).toEqual([1]);
    expect(who('gray', { rule })).toEqual([2]);
  });

  it('a forced tag leaves rather nobody', () => expect(who('green', { forceTag: true })).toEqual([]));

  it.each(['tags: 1', 'tags: [{addresses: []}]', '['])('YAML that is no rule is refused: %s', (text) => {
    expect(() => tagRule(text)).toThrow(badRule);
  });
});
