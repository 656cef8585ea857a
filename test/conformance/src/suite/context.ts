/** Gives each claim its own connections and its own corner of the tree, and takes the connections back afterwards. */
import { Client } from '../client/client.js';
import type { ReplyObserver } from '../client/raw-client.js';
import { ok } from '../client/client.js';
import type { Engine, TestServer } from '@menagerie/zookeeper-testing';
import { until } from '../net/waiting.js';
import type { ClaimBody, ClaimContext } from './claim.js';
import { READ_ONLY_ROOT, type TopologyName } from './topologies.js';

export interface Target {
  readonly engine: Engine;
  readonly topology: TopologyName;
  readonly server: TestServer;
  readonly servers: readonly TestServer[];
  readonly observe: ReplyObserver;
}

let claimsRun = 0;

export async function runClaim(body: ClaimBody, target: Target): Promise<void> {
  const { engine, topology, server, servers, observe } = target;
  const clients: Client[] = [];
  const open = async (at: TestServer = server): Promise<Client> => {
    const client = await Client.open(at, observe);
    clients.push(client);
    return client;
  };
  const connect: ClaimContext['connect'] = async (options, at) => {
    const client = await open(at);
    await client.handshake(topology === 'readOnly' ? { readOnly: true, ...options } : options);
    return client;
  };
  try {
    // Where connections are counted, those of the claim before may not have been taken off the count yet.
    const client =
      topology === 'plain' ? await until('room for a connection', () => connect().catch(() => null)) : await connect();
    const root = topology === 'readOnly' ? READ_ONLY_ROOT : ok(await client.create(`/c${++claimsRun}`));
    await body({ engine, topology, server, servers, client, root, connect, open });
  } finally {
    await Promise.all(clients.map((client) => client.dispose()));
  }
}
