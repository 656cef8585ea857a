/** Encrypted connections, certificates and SASL as identities, against servers of both kinds. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CLIENT_SUBJECT,
  LinkProxy,
  allocatePort,
  createCertificates,
  engineAvailable,
  releasePort,
  startTestEnsemble,
  waitFor,
  type Certificates,
  type Engine,
  type TestEnsemble,
} from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ConnectOptions } from './api.js';
import { nodeZooKeeperClientDriver } from './drivers/node-zookeeper-client/index.js';
import { ZooKeeper } from './zookeeper.js';

const PROVIDERS = 'org.apache.zookeeper.server.auth';
const LOGINS = { bob: 'bobs "own" secret', zoë: 'pässword', ирина: 'пароль' } as const;

function loginFile(): string {
  const users = Object.entries(LOGINS).map(([user, password]) => `user_${user}="${password.replaceAll('"', '\\"')}"`);
  return `Server { ${PROVIDERS}.DigestLoginModule required ${users.join(' ')}; };\n`;
}

for (const engine of ['apache', 'embedded'] satisfies Engine[]) {
  const { available, reason } = engineAvailable(engine);

  describe.skipIf(!available)(`secured servers (${engine})${available ? '' : ` (skipped: ${reason})`}`, () => {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-client-'));
    let certificates: Certificates;
    let securePort: number;
    let ensemble: TestEnsemble;

    beforeAll(async () => {
      certificates = createCertificates(folder);
      securePort = await allocatePort();
      const logins = join(folder, 'logins.conf');
      writeFileSync(logins, loginFile());
      ensemble = await startTestEnsemble({
        engine,
        config: {
          serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
          secureClientPort: String(securePort),
          secureClientPortAddress: '127.0.0.1',
          'ssl.keyStore.location': certificates.server.pemFile,
          'ssl.trustStore.location': certificates.caPemFile,
          'authProvider.sasl': `${PROVIDERS}.SASLAuthenticationProvider`,
          'authProvider.x509': `${PROVIDERS}.X509AuthenticationProvider`,
        },
        systemProperties: { 'java.security.auth.login.config': logins },
      });
    });
    afterAll(async () => {
      await ensemble?.close();
      releasePort(securePort);
      rmSync(folder, { recursive: true, force: true });
    });

    const connect = async (options: Partial<ConnectOptions>) => {
      const defaults = { connect: `127.0.0.1:${securePort}`, sessionTimeoutMs: 5_000, connectTimeoutMs: 20_000 };
      const client = await ZooKeeper.connect({ ...defaults, ...options });
      onTestFinished(async () => void (await client.close()));
      return client;
    };
    const alice = () => ({ ca: certificates.ca, cert: certificates.client.cert, key: certificates.client.key });
    const sasl = (username: keyof typeof LOGINS, password: string = LOGINS[username]) =>
      ({ mechanism: 'DIGEST-MD5', username, password }) as const;

    it('serve a client with a certificate, as whom it names', async () => {
      const client = await connect({ tls: alice() });
      expect(await client.whoAmI()).toContainEqual({ scheme: 'x509', user: CLIENT_SUBJECT });
      await client.create(`/tls-${engine}`, Buffer.alloc(500_000, 'x'));
      expect((await client.getData(`/tls-${engine}`)).data).toHaveLength(500_000);
    });

    it('keep their session over a new encrypted connection', async () => {
      const link = await LinkProxy.start({ host: '127.0.0.1', port: securePort });
      onTestFinished(() => link.close());
      const client = await connect({ connect: link.address, tls: alice() });
      const { id } = client.session!;
      const states: string[] = [];
      client.on('state', ({ state }) => states.push(state));
      link.dropConnections();
      await waitFor(() => states.includes('connected'), { timeoutMs: 30_000, what: 'the client to be back' });
      expect(client.session!.id).toBe(id);
    });

    it.each([
      ['whose certificate nobody we know has signed', () => ({ ...alice(), ca: certificates.stranger.cert })],
      ['whose certificate is for another name', () => ({ ...alice(), servername: 'elsewhere.example' })],
    ])('are refused %s, with the reason', async (_what, tls) => {
      const error = await connect({ tls: tls(), connectTimeoutMs: 500 }).catch((refusal: unknown) => refusal);
      expect(error).toMatchObject({ code: 'ZK_CONNECT_FAILED' });
      expect((error as Error).message).toMatch(/CERT|ALTNAME|LEAF_SIGNATURE/i);
    });

    it.each(Object.keys(LOGINS) as (keyof typeof LOGINS)[])('know %s by SASL, over plain and TLS', async (user) => {
      const plain = await connect({ connect: ensemble.connectString, sasl: sasl(user) });
      expect(await plain.whoAmI()).toContainEqual({ scheme: 'sasl', user });
      const acl = [{ perms: 31, id: { scheme: 'sasl', id: user } }];
      await plain.create(`/sasl-${engine}-${user}`, 'mine', { acl });
      const encrypted = await connect({ tls: alice(), sasl: sasl(user) });
      expect((await encrypted.getData(`/sasl-${engine}-${user}`)).data.toString()).toBe('mine');
      const stranger = await connect({ connect: ensemble.connectString });
      await expect(stranger.getData(`/sasl-${engine}-${user}`)).rejects.toMatchObject({ code: 'ZK_NO_AUTH' });
    });

    it('refuse a wrong password for good, and say that it was SASL', async () => {
      const connecting = connect({ connect: ensemble.connectString, sasl: sasl('bob', 'guess') });
      await expect(connecting).rejects.toMatchObject({ code: 'ZK_AUTH_FAILED', retryable: false });
      await expect(connecting).rejects.toThrow(/SASL/);
    });

    it('are not for a driver that can not, which says so before it connects', async () => {
      const connecting = connect({ tls: alice(), driver: nodeZooKeeperClientDriver });
      await expect(connecting).rejects.toMatchObject({ code: 'ZK_UNIMPLEMENTED' });
    });
  });
}
