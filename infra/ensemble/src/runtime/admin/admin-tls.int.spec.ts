/** The AdminServer behind TLS, and an operator who is a certificate. */
import { request } from 'node:https';
import { CLIENT_SUBJECT, createCertificates, type Certificates } from '@menagerie/zookeeper-testing';
import { describe, expect, it } from 'vitest';
import { scratchDirectory } from '../__fixtures__/disk.js';
import { configs, embed, type EmbeddedServer } from '../__fixtures__/servers.js';

interface Answer {
  readonly status: number;
  readonly body: string;
}

async function served(lines: readonly string[]): Promise<{ one: EmbeddedServer; certificates: Certificates }> {
  const certificates = createCertificates(scratchDirectory());
  const [config] = await configs(1, [
    `ssl.quorum.keyStore.location=${certificates.server.pemFile}`,
    `ssl.quorum.trustStore.location=${certificates.caPemFile}`,
    `X509AuthenticationProvider.superUser=${CLIENT_SUBJECT}`,
    'authProvider.1=org.apache.zookeeper.server.auth.X509AuthenticationProvider',
    ...lines,
  ]);
  return { one: await embed(config!), certificates };
}

function ask(one: EmbeddedServer, path: string, tls: object, headers: Record<string, string> = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = one.config.admin.address;
    const asked = request({ host: '127.0.0.1', port, path, headers, agent: false, ...tls }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString()));
      response.on('end', () => resolve({ status: response.statusCode!, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const plainly = (one: EmbeddedServer): Promise<Response> =>
  fetch(`http://127.0.0.1:${one.config.admin.address.port}/commands/ruok`);

describe('the AdminServer behind TLS', () => {
  it('takes nothing plain with admin.forceHttps, and nobody without a certificate with admin.needClientAuth', async () => {
    const { one, certificates } = await served(['admin.forceHttps=true', 'admin.needClientAuth=true']);
    const { ca, client, stranger } = certificates;
    const own = { ca, key: client.key, cert: client.cert };
    expect(await ask(one, '/commands/ruok', own)).toMatchObject({ status: 200 });
    await expect(plainly(one)).rejects.toThrow();
    await expect(ask(one, '/commands/ruok', { ca })).rejects.toThrow();
    await expect(ask(one, '/commands/ruok', { ca, key: stranger.key, cert: stranger.cert })).rejects.toThrow();
    const snapshot = await ask(one, '/commands/snapshot?streaming=false', own, { authorization: 'x509' });
    expect(snapshot).toMatchObject({ status: 200 });
  });

  it('takes both with admin.portUnification, and then asks for no certificate', async () => {
    const { one, certificates } = await served(['admin.portUnification=true']);
    expect((await plainly(one)).status).toBe(200);
    expect(await ask(one, '/commands/ruok', { ca: certificates.ca })).toMatchObject({ status: 200 });
    const snapshot = await ask(one, '/commands/snapshot', { ca: certificates.ca }, { authorization: 'x509' });
    expect(snapshot).toMatchObject({ status: 401 });
  });
});
