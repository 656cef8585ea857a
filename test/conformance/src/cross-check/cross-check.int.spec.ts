import { engineAvailable, waitFor } from '@menagerie/zookeeper-testing';
import { expect, it } from 'vitest';
import { Client, ok } from '../client/client.js';
import { randomLoad } from './random-load.js';
import { startPair } from './run.js';

const { available, reason } = engineAvailable('apache');
const SEED = 20_221_130;

it.skipIf(!available)(
  `a random load gets the same answers, zxids and events from Apache and from us${available ? '' : ` (${reason})`}`,
  async () => {
    await using pair = await startPair();
    const { check } = pair;
    const address = { host: '127.0.0.1', clientPort: check.port };
    process.stdout.write(`seed ${SEED}\n`);
    const errors = await randomLoad(address, { seed: SEED, requests: 1500, clients: 3 });
    expect(check.differences.slice(0, 5)).toEqual([]);
    // It is a load of both kinds.
    expect(errors).toBeGreaterThan(100);
    expect(check.requests - errors).toBeGreaterThan(100);
    const [reference, subject] = await pair.treeDigests();
    expect(subject).toBe(reference);
    // And a check that can fail: what our server does otherwise on purpose is found.
    const client = await Client.open(address);
    await client.handshake();
    ok(await client.create('/closed', { acl: [{ perms: 16, id: { scheme: 'world', id: 'anyone' } }] }));
    await client.exists('/closed');
    // The client has its answer before the other one is compared with it.
    await waitFor(() => check.differences.length > 0, { timeoutMs: 10_000, what: 'the difference' });
    expect(check.differences).toEqual([
      { request: check.requests, operation: 'exists', what: 'error', reference: '0', subject: '-102' },
    ]);
    await client.dispose();
  },
  // Two servers and everything twice: a machine that is busy with others takes its time.
  300_000,
);
