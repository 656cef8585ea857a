import { type Acl, type Id, OPEN_ACL, Perms } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import { AclTable } from '../tree/acl-table.js';
import { AuthProviders, DigestProvider, fixupAcl, ipIdentity, IpProvider, isAllowed, SUPER_ID } from './index.js';

const providers = new AuthProviders([
  new IpProvider(),
  new DigestProvider({ superDigest: 'super:xQJmxLMiHGwaqBvst5y6rkB6HQs=' }),
]);
const stranger = { remoteAddress: '', certificateName: null };
const bob: Id = { scheme: 'digest', id: 'bob:fyVmFCwVbTJYrznoSu1koqYEYF0=' };
const home: Id = { scheme: 'ip', id: '127.0.0.1' };
const anyone: Id = { scheme: 'world', id: 'anyone' };
const acl = (id: Id, perms: number = Perms.ALL): Acl => ({ perms, id });

describe('digest', () => {
  const digest = providers.get('digest')!;

  it('makes an identity of any user and password', () => {
    expect(digest.authenticate(Buffer.from('bob:secret'), stranger)).toEqual([bob]);
    expect(digest.authenticate(Buffer.from('nocolon'), stranger)).toEqual([
      { scheme: 'digest', id: expect.stringMatching(/^nocolon:/) as string },
    ]);
    expect(digest.authenticate(null, stranger)).toBeNull();
  });

  it('knows the superuser by the configured digest, and nobody without one', () => {
    const credentials = Buffer.from('super:admin');
    expect(digest.authenticate(credentials, stranger)).toContainEqual(SUPER_ID);
    expect(new DigestProvider().authenticate(credentials)).not.toContainEqual(SUPER_ID);
  });

  it.each([
    ['bob:x', true],
    [':x', true],
    ['a:b:', true],
    ['bob:', false],
    ['bob', false],
    ['a:b:c', false],
    ['', false],
  ])('finds %j valid in an ACL: %s', (id, valid) => expect(digest.isValid(id)).toBe(valid));
});

describe('ip', () => {
  const ip = providers.get('ip')!;

  it.each([
    ['10.1.2.3', '10.1.2.3', true],
    ['10.1.2.3', '10.1.2.4', false],
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    ['200.1.2.3', '200.1.2.2/31', true],
    ['200.1.2.4', '200.1.2.2/31', false],
    ['::1', '0.0.0.0/0', false],
  ])('%s matches %s: %s', (address, range, matches) => expect(ip.matches(address, range)).toBe(matches));

  it.each([
    ['1.2.3.4', true],
    ['1.2.3.4/32', true],
    ['1.2.3.4/33', false],
    ['1.2.3', false],
    ['1.2.3.256', false],
    ['1.2.3.4/', false],
    ['::1', false],
  ])('finds %j valid in an ACL: %s', (id, valid) => expect(ip.isValid(id)).toBe(valid));

  it('takes an IPv4 client of an IPv6 socket for what it is', () => {
    expect(ipIdentity('::ffff:10.1.2.3')).toEqual({ scheme: 'ip', id: '10.1.2.3' });
  });
});

describe('a permission', () => {
  const entries = new AclTable();
  const allowed = (list: readonly Acl[], perms: number, who: readonly Id[]): boolean =>
    isAllowed(providers, entries.find(list), perms, who);

  it('is granted by the first entry that has it for one of the identities', () => {
    const list = [acl(anyone, Perms.READ), acl(bob, Perms.WRITE | Perms.ADMIN)];
    expect(allowed(list, Perms.READ, [home])).toBe(true);
    expect(allowed(list, Perms.WRITE, [home])).toBe(false);
    expect(allowed(list, Perms.WRITE, [home, bob])).toBe(true);
    expect(allowed(list, Perms.CREATE, [home, bob])).toBe(false);
    expect(allowed(list, Perms.READ | Perms.ADMIN, [])).toBe(true);
  });

  it('is always granted to a superuser, and to everybody by an empty list', () => {
    expect(allowed([acl(bob, 0)], Perms.DELETE, [SUPER_ID])).toBe(true);
    expect(allowed([], Perms.DELETE, [])).toBe(true);
  });

  it('is not granted by a scheme that nobody provides', () => {
    expect(allowed([acl({ scheme: 'x509', id: 'CN=a' })], Perms.READ, [{ scheme: 'x509', id: 'CN=a' }])).toBe(false);
  });
});

describe('a wanted ACL', () => {
  it('loses duplicates and keeps its order', () => {
    expect(fixupAcl(providers, [], [acl(bob), acl(anyone, 1), acl(bob)])).toEqual([acl(bob), acl(anyone, 1)]);
  });

  it('has auth replaced by who proved to be somebody; an address proves nothing', () => {
    const wanted = [acl({ scheme: 'auth', id: 'ignored' }, 3)];
    expect(fixupAcl(providers, [home, bob, SUPER_ID], wanted)).toEqual([acl(bob, 3)]);
    expect(fixupAcl(providers, [home], wanted)).toBeNull();
  });

  it.each<[string, readonly Acl[] | null]>([
    ['null', null],
    ['empty', []],
    ['of an unknown scheme', [acl({ scheme: 'nope', id: 'x' })]],
    ['of a world that is not everyone', [acl({ scheme: 'world', id: 'bob' })]],
    ['with a digest without colon', [acl({ scheme: 'digest', id: 'x' })]],
    ['with one bad entry among good ones', [...OPEN_ACL, acl({ scheme: 'ip', id: 'x' })]],
  ])('is invalid if %s', (_, wanted) => expect(fixupAcl(providers, [bob], wanted)).toBeNull());
});
