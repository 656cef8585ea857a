/** Who gets in, and as whom: the same claims on Apache's server and on ours. */
import { type Acl, Perms } from '@menagerie/zookeeper-protocol';
import { CLIENT_SUBJECT, type Engine, engineAvailable } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectError } from '../cases/support.js';
import { ok } from '../client/client.js';
import { answerTo, proofOf, saslLogin, saslToken } from './digest-md5-client.js';
import { LOGINS, SecuredServer } from './secured-server.js';

const engines: readonly Engine[] = ['apache', 'menagerie'];
let nodes = 0;
const node = (): string => `/n${++nodes}`;
const acl = (scheme: string, id: string): Acl[] => [{ perms: Perms.ALL, id: { scheme, id } }];

for (const engine of engines) {
  const { available, reason } = engineAvailable(engine);
  describe.skipIf(!available)(available ? engine : `${engine} (${reason})`, () => {
    describe('a server with a secure port and SASL', () => {
      let server: SecuredServer;
      beforeAll(async () => {
        server = await SecuredServer.start({ engine, config: { 'ssl.clientAuth': 'want' } });
      });
      afterAll(() => server?.[Symbol.asyncDispose]());

      const alice = () => server.connect(server.certificates.client);
      const identities = async (client: Awaited<ReturnType<typeof alice>>): Promise<string[]> =>
        ok(await client.whoAmI())
          .map(({ authScheme, user }) => `${authScheme}:${user}`)
          .sort();

      it('a certificate is an identity from the start', async () => {
        const client = await alice();
        expect(await identities(client)).toEqual(['ip:127.0.0.1', `x509:${CLIENT_SUBJECT}`]);
        const path = node();
        ok(await client.create(path, { acl: acl('x509', CLIENT_SUBJECT) }));
        ok(await client.setData(path, 'mine'));
        const nobody = await server.connect({});
        expect(await identities(nobody)).toEqual(['ip:127.0.0.1']);
        expectError(await nobody.getData(path), 'NoAuth');
        expectError(await (await server.connect('plain')).getData(path), 'NoAuth');
      });

      it('a certificate stands in for auth in an ACL', async () => {
        const client = await alice();
        const path = node();
        ok(await client.create(path, { acl: acl('auth', '') }));
        expect(ok(await client.getAcl(path)).acl).toEqual(acl('x509', CLIENT_SUBJECT));
      });

      it('the subject that is a superuser passes every check', async () => {
        const path = node();
        ok(await (await alice()).create(path, { acl: acl('x509', 'CN=nobody') }));
        const root = await server.connect(server.certificates.server);
        expect(await identities(root)).toContain('super:');
        ok(await root.getData(path));
      });

      it('an x509 id in an ACL has to be a distinguished name', async () => {
        const client = await alice();
        for (const id of ['CN=a', 'CN=a,O=b', 'cn=a + ou=b', '1.2.3=x', 'CN="a,b"', 'CN=a\\,b', '']) {
          ok(await client.create(node(), { acl: acl('x509', id) }));
        }
        for (const id of ['a', 'CN', 'XX=a', 'CN=a,']) {
          expectError(await client.create(node(), { acl: acl('x509', id) }), 'InvalidACL');
        }
      });

      it('an x509 auth packet brings nothing where there is no certificate', async () => {
        const plain = await server.connect('plain');
        expectError(await plain.auth('x509', ''), 'AuthFailed');
        await plain.untilEnded();
        const secure = await alice();
        ok(await secure.auth('x509', 'anything'));
        expect(await identities(secure)).toEqual(['ip:127.0.0.1', `x509:${CLIENT_SUBJECT}`]);
      });

      it('a certificate that nobody knows does not get in', async () => {
        const { stranger } = server.certificates;
        await expect(server.connect(stranger)).rejects.toThrow();
        ok(await (await alice()).exists('/'));
      });

      it('plain bytes on the secure port are not answered', async () => {
        const client = await server.open('plain');
        client.crash();
        const { host } = server.server;
        const { Client } = await import('../client/client.js');
        const lost = await Client.open({ host, clientPort: server.securePort });
        await expect(lost.handshake()).rejects.toThrow();
      });

      it('a session moves between the secure port and the plain one', async () => {
        const secure = await alice();
        secure.crash();
        const plain = await server.connect('plain', secure.credentials);
        expect(plain.sessionId).toBe(secure.sessionId);
      });

      it('SASL: the challenge is the one that Java makes', async () => {
        const client = await server.connect('plain');
        const { error, token } = await saslToken(client, Buffer.alloc(0));
        expect(error).toBe('Ok');
        expect(token).toMatch(/^realm="zk-sasl-md5",nonce="[A-Za-z0-9+/=]{40}",charset=utf-8,algorithm=md5-sess$/);
      });

      it.each(['bob', 'zoë'] as const)('SASL: %s proves to be himself, and so does the server', async (user) => {
        const client = await server.connect('plain');
        const { token: challenge } = await saslToken(client, Buffer.alloc(0));
        const nonce = /nonce="([^"]*)"/.exec(challenge!)![1]!;
        const answer = await saslToken(client, answerTo(nonce, user, LOGINS[user]));
        expect(answer).toEqual({ error: 'Ok', token: proofOf(nonce, user, LOGINS[user]) });
        expect(await identities(client)).toEqual(['ip:127.0.0.1', `sasl:${user}`]);
        const path = node();
        ok(await client.create(path, { acl: acl('sasl', user) }));
        ok(await client.getData(path));
        expectError(await (await server.connect('plain')).getData(path), 'NoAuth');
      });

      it('SASL: the superuser is one', async () => {
        const path = node();
        ok(await (await alice()).create(path, { acl: acl('sasl', 'nobody') }));
        const client = await server.connect('plain');
        expect(await saslLogin(client, 'super', LOGINS.super)).toMatchObject({ error: 'Ok' });
        ok(await client.getData(path));
      });

      it.each([
        ['a wrong password', 'bob', 'wrong', {}],
        ['an unknown user', 'eve', 'x', {}],
        ['a nonce of another connection', 'bob', LOGINS.bob, { nonce: '"old"' }],
        ['another service', 'bob', LOGINS.bob, { 'digest-uri': '"zookeeper/elsewhere"' }],
        ['another realm', 'bob', LOGINS.bob, { realm: '"elsewhere"' }],
        ['a quality of protection that was not offered', 'bob', LOGINS.bob, { qop: 'auth-conf' }],
      ])('SASL: %s is AuthFailed with a null token, and ends the connection', async (_, user, password, tampering) => {
        const client = await server.connect('plain');
        expect(await saslLogin(client, user, password, tampering)).toEqual({ error: 'AuthFailed', token: null });
        await client.untilEnded();
      });

      it('SASL: what the first token holds does not matter, the second is not longer than any', async () => {
        const client = await server.connect('plain');
        expect(await saslToken(client, Buffer.from('username="bob"'))).toMatchObject({ error: 'Ok' });
        expect(await saslToken(client, Buffer.alloc(5000, 'a'))).toEqual({ error: 'AuthFailed', token: null });
        await client.untilEnded();
      });

      it('SASL: a token behind the last one is AuthFailed', async () => {
        const client = await server.connect('plain');
        expect(await saslLogin(client, 'bob', LOGINS.bob)).toMatchObject({ error: 'Ok' });
        expect(await saslToken(client, Buffer.alloc(0))).toMatchObject({ error: 'AuthFailed' });
        await client.untilEnded();
      });

      it('SASL: a sasl auth packet is no login', async () => {
        const client = await server.connect('plain');
        expectError(await client.auth('sasl', 'bob'), 'AuthFailed');
        await client.untilEnded();
      });

      it('no password is in the log', async () => {
        const client = await alice();
        ok(await client.auth('digest', `carol:${LOGINS.bob}`));
        expect(await saslLogin(await server.connect('plain'), 'bob', LOGINS.super)).toMatchObject({ token: null });
        const log = server.server.log.join('\n');
        for (const password of Object.values(LOGINS)) expect(log).not.toContain(password);
      });

      it.each([
        ['bob', 'Ok'],
        ['bob@REALM', 'Ok'],
        ['zk/host@REALM', 'Ok'],
        ['a@b@c', 'InvalidACL'],
      ])('a sasl id in an ACL: %s is %s', async (id, error) => {
        expectError(await (await alice()).create(node(), { acl: acl('sasl', id) }), error);
      });
    });

    describe('a server that serves only who has logged in, and takes TLS on its plain port', () => {
      let server: SecuredServer;
      beforeAll(async () => {
        server = await SecuredServer.start({
          engine,
          config: {
            'client.portUnification': 'true',
            'ssl.clientAuth': 'none',
            'enforce.auth.enabled': 'true',
            'enforce.auth.schemes': 'sasl, digest',
          },
        });
      });
      afterAll(() => server?.[Symbol.asyncDispose]());
      const overTls = async () => {
        const client = await server.open({}, server.server.clientPort);
        await client.handshake();
        return client;
      };

      it.each(['plain', 'TLS'])('a request of nobody is refused and the connection ends: %s', async (way) => {
        const client = way === 'plain' ? await server.connect('plain') : await overTls();
        const answer = await client.getData('/');
        expect(answer).toMatchObject({ error: 'SessionClosedRequireSaslAuth', zxid: 0n });
        await client.untilEnded();
      });

      it('not even a ping or a goodbye is taken', async () => {
        const client = await server.connect('plain');
        expect(await client.ping()).toMatchObject({ error: 'SessionClosedRequireSaslAuth' });
        await client.untilEnded();
      });

      it.each(['plain', 'TLS'])('who has logged in is served: %s', async (way) => {
        const client = way === 'plain' ? await server.connect('plain') : await overTls();
        expect(await saslLogin(client, 'bob', LOGINS.bob)).toMatchObject({ error: 'Ok' });
        ok(await client.create(node()));
        const digest = await server.connect('plain');
        ok(await digest.auth('digest', 'a:b'));
        ok(await digest.getData('/'));
      });

      it('a wrong login is told that one is required', async () => {
        const client = await server.connect('plain');
        expect(await saslLogin(client, 'bob', 'wrong')).toEqual({
          error: 'SessionClosedRequireSaslAuth',
          token: null,
        });
        await client.untilEnded();
      });
    });
  });
}
