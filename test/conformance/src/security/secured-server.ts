/** A server with locks on its doors, of either kind: TLS, certificates, SASL. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  allocatePort,
  type Certificates,
  createCertificates,
  type Engine,
  releasePort,
  startTestEnsemble,
  type TestEnsemble,
} from '@menagerie/zookeeper-testing';
import type { ConnectionOptions } from 'node:tls';
import { Client } from '../client/client.js';
import type { HandshakeOptions } from '../client/raw-client.js';

export const LOGINS = { super: 'adminsecret', bob: 'bobs "own" secret', zoë: 'pässword' } as const;

const PROVIDERS = 'org.apache.zookeeper.server.auth';

export interface SecuredServerOptions {
  readonly engine: Engine;
  readonly config: Readonly<Record<string, string>>;
  /** Default: the files of `certificates`, PEM. */
  readonly stores?: 'PEM' | 'PKCS12';
}

export class SecuredServer implements AsyncDisposable {
  private readonly clients: Client[] = [];

  private constructor(
    readonly ensemble: TestEnsemble,
    readonly certificates: Certificates,
    readonly securePort: number,
    private readonly folder: string,
  ) {}

  static async start({ engine, config }: SecuredServerOptions): Promise<SecuredServer> {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-secured-'));
    const certificates = createCertificates(folder);
    const securePort = await allocatePort();
    const logins = join(folder, 'jaas.conf');
    writeFileSync(logins, loginFile());
    const ensemble = await startTestEnsemble({
      engine,
      config: {
        serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
        'ssl.keyStore.location': certificates.server.pemFile,
        'ssl.trustStore.location': certificates.caPemFile,
        'authProvider.sasl': `${PROVIDERS}.SASLAuthenticationProvider`,
        superUser: 'super',
        'X509AuthenticationProvider.superUser': 'CN=zk',
        forceSync: 'no',
        preAllocSize: '64',
        ...(config['client.portUnification'] === 'true'
          ? {}
          : { secureClientPort: String(securePort), secureClientPortAddress: '127.0.0.1' }),
        ...config,
      },
      systemProperties: { 'java.security.auth.login.config': logins },
    });
    return new SecuredServer(ensemble, certificates, securePort, folder);
  }

  get server() {
    return this.ensemble.servers[0]!;
  }

  /** As whom: a certificate, none, or plainly on the plain port. */
  async connect(as: ConnectionOptions | 'plain', handshake: HandshakeOptions = {}): Promise<Client> {
    const client = await this.open(as);
    await client.handshake(handshake);
    return client;
  }

  async open(as: ConnectionOptions | 'plain', port = this.securePort): Promise<Client> {
    const { host, clientPort } = this.server;
    const address =
      as === 'plain' ? { host, clientPort } : { host, clientPort: port, tls: { ca: this.certificates.ca, ...as } };
    const client = await Client.open(address);
    this.clients.push(client);
    return client;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.clients.map((client) => client.dispose()));
    await this.ensemble.close();
    releasePort(this.securePort);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function loginFile(): string {
  const users = Object.entries(LOGINS).map(([user, password]) => `  user_${user}="${password.replaceAll('"', '\\"')}"`);
  return `// Whom SASL lets in.\nServer {\n  ${PROVIDERS.replace(/$/, '.DigestLoginModule')} required\n${users.join('\n')};\n};\n`;
}
