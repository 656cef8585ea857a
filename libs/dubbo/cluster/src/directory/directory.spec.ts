import { Category, DubboUrl, emptyMarker, encode, isDubboError } from '@menagerie/dubbo-url';
import { describe, expect, it } from 'vitest';
import { Directory } from './directory.js';

const consumer = DubboUrl.parse('consumer://10.0.0.6/a.B?application=shop&timeout=500&timestamp=9&methods=x&dubbo=9');
const p = (n: number, query = 'timestamp=5&methods=get&dubbo=2.0.2&timeout=1000') =>
  DubboUrl.parse(`tri://10.0.0.${n}:20880/a.B?application=catalogue&${query}`);
const override = (query: string, host = '0.0.0.0') =>
  DubboUrl.parse(`override://${host}/a.B?category=configurators&dynamic=false&${query}`);
const nobody = (category: Category) => emptyMarker(consumer, category);
const directory = (emptyProtection = false) => new Directory({ consumer, protocols: ['tri'], emptyProtection });
const call = { method: 'get' };
const addresses = (one: Directory) => one.list(call).map(({ address }) => address.split(':')[0]);
const noProvider = expect.toSatisfy((error) => isDubboError(error, 'DUBBO_NO_PROVIDER'));

describe('the list', () => {
  it('keeps a provider that has not changed, and lets go of those that went', () => {
    const one = directory();
    one.notify([p(1), p(2)]);
    const [first] = one.list(call);
    const change = one.notify([p(1), p(3)]);
    expect(one.list(call)[0]).toBe(first);
    expect(change.added.map(({ address }) => address)).toEqual(['10.0.0.3:20880']);
    expect(change.removed.map(({ address }) => address)).toEqual(['10.0.0.2:20880']);
  });

  it('the consumer’s word counts, but what describes the provider stays', () => {
    const one = directory();
    one.notify([p(1)]);
    const { parameters } = one.list(call)[0]!.url;
    expect(parameters).toMatchObject({ timeout: '500', timestamp: '5', methods: 'get', dubbo: '2.0.2' });
    expect(parameters).toMatchObject({ 'remote.application': 'catalogue' });
  });

  it('nothing heard yet and nobody there are told apart', () => {
    const one = directory();
    expect(() => one.list(call)).toThrow('nobody has been heard of yet');
    one.notify([nobody(Category.providers)]);
    expect(() => one.list(call)).toThrow('the registry lists nobody');
    expect(() => one.list(call)).toThrow(noProvider);
  });

  it('leaves protocols alone that it can not call', () => {
    const one = directory();
    one.notify([p(1), p(2).replace({ protocol: 'rmi' })]);
    expect(addresses(one)).toEqual(['10.0.0.1']);
  });
});

describe('an empty list', () => {
  it('ends everything without protection', () => {
    const one = directory();
    one.notify([p(1)]);
    expect(one.notify([nobody(Category.providers)]).removed).toHaveLength(1);
    expect(() => one.list(call)).toThrow(noProvider);
  });

  it('is not believed with protection, until there is somebody again', () => {
    const one = directory(true);
    one.notify([p(1), p(2)]);
    expect(one.notify([nobody(Category.providers)])).toMatchObject({ protected: true, removed: [] });
    expect(addresses(one)).toHaveLength(2);
    one.notify([p(3)]);
    expect(addresses(one)).toEqual(['10.0.0.3']);
  });

  it('of overrides says nothing of providers, and is believed (#10031)', () => {
    const one = directory(true);
    one.notify([p(1), override('timeout=77')]);
    expect(one.list(call)[0]!.url.get('timeout')).toBe('77');
    expect(one.notify([nobody(Category.configurators)]).protected).toBe(false);
    expect(one.list(call)[0]!.url.get('timeout')).toBe('500');
  });
});

describe('overrides', () => {
  it('win, the one for a host over the one for all', () => {
    const one = directory();
    one.notify([p(1), p(2), override('weight=1'), DubboUrl.parse(override('weight=9', '10.0.0.2:20880').toString())]);
    expect(one.list(call).map(({ url }) => url.get('weight'))).toEqual(['1', '9']);
  });

  it('may come before the providers they speak of', () => {
    const one = directory();
    one.notify([override('weight=1')]);
    one.notify([p(1)]);
    expect(one.list(call)[0]!.url.get('weight')).toBe('1');
  });

  it('take a provider out, and one without parameters takes all back', () => {
    const one = directory();
    one.notify([p(1), p(2), override('disabled=true', '10.0.0.1:20880')]);
    expect(addresses(one)).toEqual(['10.0.0.2']);
    one.notify([override('disabled=true', '10.0.0.1:20880'), override('')]);
    expect(addresses(one)).toHaveLength(2);
  });

  it('speak to an application, and to one side', () => {
    const one = directory();
    one.notify([p(1), override('application=other&weight=3'), override('side=provider&weight=4')]);
    expect(one.list(call)[0]!.url.get('weight')).toBeUndefined();
  });
});

describe('routers', () => {
  const router = (rule: string) => DubboUrl.parse(`condition://0.0.0.0/a.B?category=routers&rule=${encode(rule)}`);

  it('take effect, and end with the marker', () => {
    const one = directory();
    one.notify([p(1), p(2), router('=> host = 10.0.0.2')]);
    expect(addresses(one)).toEqual(['10.0.0.2']);
    one.notify([nobody(Category.routers)]);
    expect(addresses(one)).toHaveLength(2);
  });

  it('one that does not parse is named, and the rules before hold', () => {
    const one = directory();
    one.notify([p(1), p(2), router('=> host = 10.0.0.2')]);
    const { problems } = one.notify([router('= =')]);
    expect(problems.map(({ code }) => code)).toEqual(['DUBBO_BAD_RULE']);
    expect(addresses(one)).toEqual(['10.0.0.2']);
  });

  it('when they leave nobody, the error says so', () => {
    const one = directory();
    one.notify([p(1), router('=> false')]);
    expect(() => one.list(call)).toThrow('rules leave none of 1');
  });
});
