import { describe, expect, it } from 'vitest';
import { declaredBy, OnLeader, OncePerCluster } from './decorators.js';
import { zooCfgOf } from './ensemble/member-options.js';
import { resolveOptions } from './options.js';

const members = [1, 2, 3].map((id) => {
  return { id, host: '127.0.0.1', clientPort: 2180 + id, quorumPort: 2887 + id, electionPort: 3887 + id };
});

describe('options', () => {
  it('take the connect string from the members, and names from host and process', () => {
    const ensemble = { id: 1, members, dataDir: '/data' };
    expect(resolveOptions({ application: 'shop', sessionTimeoutMs: 1, ensemble }, 'web', 7)).toMatchObject({
      connect: '127.0.0.1:2181,127.0.0.1:2182,127.0.0.1:2183',
      instance: 'web-7',
      root: '/apps/shop',
    });
  });

  it.each([
    [{ application: 'a/b', connect: 'x' }, /application: expected a plain word, got "a\/b"/],
    [{ application: 'shop' }, /connect: expected "host:port,...", or an ensemble/],
    [{ application: 'shop', connect: 'x', root: 'apps' }, /root: expected an absolute path/],
  ])('that cannot work are named: %j', (wrong, message) => {
    expect(() => resolveOptions({ sessionTimeoutMs: 1, ...wrong }, 'web', 7)).toThrow(message);
  });
});

describe('an embedded member', () => {
  it('is a zoo.cfg with one line a member', () => {
    const text = zooCfgOf({ id: 2, members, dataDir: '/data', tickTimeMs: 500 });
    expect(text).toContain('clientPort=2182\n');
    expect(text.match(/^server\.\d=127\.0\.0\.1:\d+:\d+$/gm)).toHaveLength(3);
  });

  it('alone is standalone', () => {
    expect(zooCfgOf({ id: 1, members: members.slice(0, 1), dataDir: '/data' })).not.toContain('server.');
  });

  it('must be one of the members, and write no line of its own', () => {
    expect(() => zooCfgOf({ id: 4, members, dataDir: '/data' })).toThrow(/expected id 4 once in members, got 1, 2, 3/);
    expect(() => zooCfgOf({ id: 1, members, dataDir: '/data\nskipACL=yes' })).toThrow(/plain path/);
  });
});

describe('decorators', () => {
  class Base {
    @OnLeader()
    lead(): void {}
  }
  class Derived extends Base {
    @OncePerCluster('* * * * *', { name: 'tidy' })
    tidy(): void {}
  }

  it('say what a class and those above it declare, and nothing of its siblings', () => {
    expect(declaredBy(new Derived())).toMatchObject({
      onLeader: [{ method: 'lead' }],
      oncePerCluster: [{ method: 'tidy', pattern: '* * * * *', name: 'tidy' }],
    });
    expect(declaredBy(new Base()).oncePerCluster).toEqual([]);
  });
});
