import { describe, expect, it } from 'vitest';
import { DubboUrl } from './dubbo-url.js';
import { isDubboError } from './errors.js';
import { decode, encode } from './java-encoding.js';
import { isMatch } from './match.js';
import { Category, DubboPaths, emptyMarker, isEmptyMarker, nameOf, urlOf } from './paths.js';

/** As they stand in trees of real Dubbo (design notes, section 1). */
const PROVIDER =
  'dubbo://10.0.0.5:20880/com.foo.BarService?anyhost=true&application=demo-provider&dubbo=2.0.2&interface=com.foo.BarService&methods=sayHello&pid=123&side=provider&timestamp=1690000000000';
const PROVIDER_NODE =
  'dubbo%3A%2F%2F10.0.0.5%3A20880%2Fcom.foo.BarService%3Fanyhost%3Dtrue%26application%3Ddemo-provider%26dubbo%3D2.0.2%26interface%3Dcom.foo.BarService%26methods%3DsayHello%26pid%3D123%26side%3Dprovider%26timestamp%3D1690000000000';
const CONSUMER =
  'consumer://10.0.0.6/com.foo.BarService?application=demo-consumer&category=consumers&check=false&side=consumer&timestamp=1690000000000';
const OVERRIDE = 'override://0.0.0.0/com.foo.BarService?category=configurators&dynamic=false&timeout=2000';
const CONDITION =
  'condition://0.0.0.0/com.foo.BarService?category=routers&rule=host%20%3D%2010.0.0.6%20%3D%3E%20host%20%3D%2010.0.0.5';
const paths = new DubboPaths();

describe('a provider’s URL', () => {
  it('is read field by field', () => {
    const url = DubboUrl.parse(PROVIDER);
    expect(url).toMatchObject({ protocol: 'dubbo', host: '10.0.0.5', port: 20_880, path: 'com.foo.BarService' });
    expect(url.parameters).toEqual({
      anyhost: 'true',
      application: 'demo-provider',
      dubbo: '2.0.2',
      interface: 'com.foo.BarService',
      methods: 'sayHello',
      pid: '123',
      side: 'provider',
      timestamp: '1690000000000',
    });
  });

  it('stands where and as Dubbo writes it', () => {
    expect(paths.url(DubboUrl.parse(PROVIDER))).toBe(`/dubbo/com.foo.BarService/providers/${PROVIDER_NODE}`);
    expect(urlOf(PROVIDER_NODE).toString()).toBe(PROVIDER);
  });

  it('is the same node whatever the order of its parameters', () => {
    const other = DubboUrl.parse('dubbo://10.0.0.5:20880/com.foo.BarService?timestamp=1690000000000&side=provider');
    const same = DubboUrl.parse('dubbo://10.0.0.5:20880/com.foo.BarService?side=provider&timestamp=1690000000000');
    expect(nameOf(other)).toBe(nameOf(same));
  });
});

describe('other URLs', () => {
  it.each([
    [CONSUMER, 'consumers'],
    [OVERRIDE, 'configurators'],
    [CONDITION, 'routers'],
  ])('%s stands below %s', (text, category) => {
    const url = DubboUrl.parse(text);
    expect(url.toString()).toBe(text);
    expect(paths.url(url)).toBe(`/dubbo/com.foo.BarService/${category}/${encode(text)}`);
  });

  it('an encoded rule inside an encoded name is encoded twice', () => {
    expect(nameOf(DubboUrl.parse(CONDITION))).toContain('rule%3Dhost%2520%253D');
  });

  it.each([
    ['zookeeper://admin:secret@10.0.0.1:2181', { username: 'admin', password: 'secret', port: 2181 }],
    ['tri://[::1]:50051/a.B?x', { host: '[::1]', parameters: { x: 'x' } }],
    ['dubbo://h:1/a.B?rule=a=b', { parameters: { rule: 'a=b' } }],
  ])('%s', (text, expected) => expect(DubboUrl.parse(text)).toMatchObject(expected));

  it('the empty marker names the category, and is not a provider', () => {
    const marker = emptyMarker(DubboUrl.parse(CONSUMER), Category.providers);
    expect(marker.toString()).toMatch(/^empty:\/\/10\.0\.0\.6\/com\.foo\.BarService\?.*category=providers/);
    expect(isEmptyMarker(marker)).toBe(true);
  });

  it('another root moves every path', () => {
    expect(new DubboPaths('/shop').url(DubboUrl.parse(CONSUMER))).toMatch(/^\/shop\/com\.foo\.BarService\/consumers\//);
  });
});

describe('text that is no URL', () => {
  it.each([
    '',
    'nonsense',
    '://host',
    'dubbo://',
    'dubbo://h:99999/a',
    'dubbo://h:x/a',
    `dubbo://${'h'.repeat(70_000)}`,
  ])('is refused: %.30s', (text) =>
    expect(() => DubboUrl.parse(text)).toThrow(expect.toSatisfy((e) => isDubboError(e, 'DUBBO_BAD_URL'))),
  );

  it('a name with half an escape is refused', () => {
    expect(() => urlOf('dubbo%3A%2F%2Fh%')).toThrow(expect.toSatisfy((e) => isDubboError(e, 'DUBBO_BAD_URL')));
  });
});

describe('the encoding', () => {
  it.each([
    ['a b', 'a+b'],
    ["~!*'()", '%7E%21*%27%28%29'],
    ['ü/€', '%C3%BC%2F%E2%82%AC'],
  ])('is Java’s: %s', (text, encoded) => {
    expect(encode(text)).toBe(encoded);
    expect(decode(encoded)).toBe(text);
  });
});

describe('a consumer takes a provider', () => {
  const consumer = (query: string) => DubboUrl.parse(`consumer://h/a.B?${query}`);
  const provider = (query: string) => DubboUrl.parse(`tri://h:1/a.B?${query}`);
  it.each([
    ['', '', true],
    ['version=1', 'version=1', true],
    ['version=1', 'version=2', false],
    ['version=1', '', false],
    ['version=*', 'version=2', true],
    ['group=x', 'group=y', false],
    ['group=x,y', 'group=y', true],
    ['group=*', '', true],
    ['', 'enabled=false', false],
  ])('%s of %s: %s', (wanted, got, expected) => expect(isMatch(consumer(wanted), provider(got))).toBe(expected));

  it('not of another interface', () => {
    expect(isMatch(consumer(''), DubboUrl.parse('tri://h:1/a.C'))).toBe(false);
  });
});
