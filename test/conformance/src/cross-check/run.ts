/** Two fresh servers, one of each kind, with the proxy in front; what a spec and the command share. */
import { startTestEnsemble, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { Client, ok } from '../client/client.js';
import { SUPER_PASSWORD, topologies } from '../suite/topologies.js';
import { CrossCheck, type Difference } from './cross-check.js';
import { treeDigest } from './tree-digest.js';

export interface CrossCheckedPair extends AsyncDisposable {
  readonly check: CrossCheck;
  /** Of what is on both now; the same text if nothing differs. */
  treeDigests(): Promise<readonly [reference: string, subject: string]>;
}

export async function startPair(
  onDifference: (difference: Difference) => void = () => undefined,
  port = 0,
): Promise<CrossCheckedPair> {
  // Long ticks, and nothing that goes by itself: what only time does is not compared.
  const options = {
    ...topologies.standalone,
    tickTimeMs: 2000,
    config: { ...topologies.standalone.config, maxSessionTimeout: '600000' },
    systemProperties: { 'znode.container.checkIntervalMs': '3600000' },
  };
  const ensembles: TestEnsemble[] = [];
  try {
    for (const engine of ['apache', 'menagerie'] as const)
      ensembles.push(await startTestEnsemble({ ...options, engine }));
    const [reference, subject] = ensembles.map(({ servers }) => servers[0]!) as [Server, Server];
    const check = await CrossCheck.start({ reference, subject, onDifference, port });
    return {
      check,
      treeDigests: () =>
        Promise.all([digestOf(reference, check.nameOnReference), digestOf(subject, check.nameOnSubject)]),
      [Symbol.asyncDispose]: async () => {
        await check[Symbol.asyncDispose]();
        await Promise.all(ensembles.map((ensemble) => ensemble.close()));
      },
    };
  } catch (error) {
    await Promise.all(ensembles.map((ensemble) => ensemble.close()));
    throw error;
  }
}

type Server = TestEnsemble['servers'][number];

async function digestOf(server: Server, names: CrossCheck['nameOnReference']): Promise<string> {
  const client = await Client.open(server);
  await client.handshake();
  ok(await client.auth('digest', `super:${SUPER_PASSWORD}`));
  const digest = await treeDigest(client, names);
  await client.closeSession();
  return digest;
}
