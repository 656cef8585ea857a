import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:net';
import {
  type Certificates,
  createCertificates,
  engineAvailable,
  startTestEnsemble,
  STORE_PASSWORD,
  waitFor,
  type Engine,
  type TestEnsemble,
  type TestServer,
} from '@menagerie/zookeeper-testing';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { clientOf, treeOf } from '@menagerie/zookeeper-witness';

const absent = (['menagerie', 'apache'] as const).map(engineAvailable).find((engine) => !engine.available);
// Skipped where Apache ZooKeeper is not installed (`npm test` installs it as root on Debian); the reason is in the title.
const where = absent ? ` (skipped: ${absent.reason})` : '';

const stores = (certificates: Certificates): Record<string, string> => ({
  serverCnxnFactory: 'org.apache.zookeeper.server.NettyServerCnxnFactory',
  'ssl.quorum.keyStore.location': certificates.server.pemFile,
  'ssl.quorum.trustStore.location': certificates.caPemFile,
});

async function ensembleOf(engines: readonly Engine[], config: Record<string, string>): Promise<TestEnsemble> {
  const ensemble = await startTestEnsemble({ servers: 3, engine: engines, config });
  onTestFinished(() => ensemble.close());
  return ensemble;
}

async function writeThrough(server: TestServer, path: string): Promise<void> {
  const client = await clientOf(server.address);
  await client.create(path, 'x');
  await client.close();
}

async function sameTreeEverywhere(ensemble: TestEnsemble): Promise<void> {
  const [first, ...rest] = await Promise.all(ensemble.servers.map(treeOf));
  for (const tree of rest) expect(tree).toEqual(first);
}

/** Says something and waits for the end: what came back. */
function exchange(port: number, bytes: Buffer): Promise<Buffer> {
  return new Promise((resolve) => {
    const received: Buffer[] = [];
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(Buffer.concat(received)));
  });
}

function reconfigure(server: TestServer, change: (config: string) => string): void {
  writeFileSync(server.configPath, change(readFileSync(server.configPath, 'utf8')));
}

describe.skipIf(absent !== undefined)(`TLS between servers of both kinds${where}`, () => {
  let certificates: Certificates;
  beforeAll(() => {
    const folder = mkdtempSync(join(tmpdir(), 'menagerie-tls-quorum-'));
    certificates = createCertificates(folder);
    return () => rmSync(folder, { recursive: true, force: true });
  });

  it('each kind leads, and all see the same tree', async () => {
    const engines: Engine[] = ['menagerie', 'apache', 'menagerie'];
    const ensemble = await ensembleOf(engines, { ...stores(certificates), sslQuorum: 'true' });
    const led = new Set<Engine>();
    for (let round = 0; led.size < 2; round += 1) {
      expect(round).toBeLessThan(4);
      const leader = await ensemble.waitForLeader();
      led.add(leader.engine);
      await writeThrough(leader, `/round${round}`);
      await ensemble.kill(leader.id);
      await writeThrough(await ensemble.waitForLeader(), `/round${round}-without`);
      await ensemble.start(leader.id);
    }
    await sameTreeEverywhere(ensemble);
  });

  it('plain bytes get nothing, and a server whose certificate nobody trusts does not take part', async () => {
    const ensemble = await ensembleOf(['menagerie', 'menagerie', 'menagerie'], {
      ...stores(certificates),
      'ssl.quorum.keyStore.location': certificates.server.p12File,
      'ssl.quorum.keyStore.password': STORE_PASSWORD,
      'ssl.quorum.trustStore.location': certificates.caP12File,
      'ssl.quorum.trustStore.password': STORE_PASSWORD,
      sslQuorum: 'true',
    });
    const leader = await ensemble.waitForLeader();
    for (const port of [leader.ports.quorum, leader.ports.election]) {
      expect(await exchange(port, Buffer.from('GET / HTTP/1.0\r\n\r\n'))).toHaveLength(0);
    }
    const follower = ensemble.servers.find(({ id }) => id !== leader.id)!;
    for (const party of [certificates.stranger, certificates.elsewhere]) {
      const refusals = (): number => leader.log.filter((line) => line.includes('TLS connection refused')).length;
      await ensemble.stop(follower.id);
      reconfigure(follower, (text) => text.replace(/keyStore\.location=.*/, `keyStore.location=${party.p12File}`));
      const before = refusals();
      ensemble.launch(follower.id);
      await waitFor(() => refusals() > before, { timeoutMs: 30_000, what: 'the leader to refuse it' });
      expect(await follower.mode()).toBeNull();
      await writeThrough(leader, `/without-${party === certificates.stranger ? 'stranger' : 'elsewhere'}`);
    }
    expect(ensemble.servers.flatMap(({ log }) => log).filter((line) => line.includes(STORE_PASSWORD))).toEqual([]);
  });

  it('an ensemble becomes one with TLS a server at a time, and none of them is ever without a quorum', async () => {
    const ensemble = await ensembleOf(['menagerie', 'menagerie', 'apache'], {
      ...stores(certificates),
      portUnification: 'true',
      sslQuorum: 'false',
    });
    for (const server of ensemble.servers) {
      await ensemble.stop(server.id);
      reconfigure(server, (text) => text.replace('sslQuorum=false', 'sslQuorum=true'));
      await writeThrough(await ensemble.waitForLeader(), `/without-${server.id}`);
      await ensemble.start(server.id);
      await writeThrough(server, `/with-${server.id}`);
    }
    await sameTreeEverywhere(ensemble);
  });
});
