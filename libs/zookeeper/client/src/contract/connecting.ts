/** Getting a first session, or a clear word why not; and staying connected to an ensemble. */
import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { ZkConnectError } from '../errors.js';
import { ZooKeeper } from '../zookeeper.js';
import { PATIENCE_MS, contractGroup, outcomeOf, recordStates, type ContractSetup } from './setup.js';

/** A server that takes connections and never says a word, as a stopped process does. */
async function silentServer(): Promise<{ readonly address: string; readonly close: () => Promise<void> }> {
  const server: Server = createServer((socket) => socket.on('error', () => undefined).resume());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    address: `127.0.0.1:${port}`,
    close: async () => {
      server.close();
      await once(server, 'close');
    },
  };
}

/** A port nobody listens on: it was ours a moment ago. */
async function deadAddress(): Promise<string> {
  const server = await silentServer();
  await server.close();
  return server.address;
}

export function connectingContract(setup: ContractSetup): void {
  contractGroup(setup, 'connecting', 1, (bench) => {
    it('fails on an address where nobody is, with what was tried and for how long', async () => {
      const address = await deadAddress();
      const options = { connect: address, sessionTimeoutMs: 2_000, connectTimeoutMs: 300, driver: bench.driver };
      const error = await outcomeOf(ZooKeeper.connect(options));
      expect(error).toBeInstanceOf(ZkConnectError);
      const { attempts, elapsedMs, message, outcome } = error as ZkConnectError;
      expect(attempts).toMatchObject([{ server: address, problem: 'ECONNREFUSED' }]);
      expect(attempts[0]!.tries).toBeGreaterThanOrEqual(1);
      expect(elapsedMs).toBeGreaterThanOrEqual(290);
      expect(outcome).toBe('not-done');
      expect(message).toContain(`${address} ${attempts[0]!.tries} times (ECONNREFUSED)`);
    });

    it('fails on a name that can not be resolved', async () => {
      const connect = 'no-such-host.invalid:2181';
      const options = { connect, sessionTimeoutMs: 2_000, connectTimeoutMs: 1_000, driver: bench.driver };
      await expect(ZooKeeper.connect(options)).rejects.toMatchObject({ code: 'ZK_CONNECT_FAILED' });
    });

    it('fails on a server that takes the connection and never answers', async () => {
      const silent = await silentServer();
      const options = { connect: silent.address, sessionTimeoutMs: 2_000, connectTimeoutMs: 500, driver: bench.driver };
      const error = await outcomeOf(ZooKeeper.connect(options));
      expect(error).toMatchObject({ code: 'ZK_CONNECT_FAILED' });
      expect((error as Error).message).toContain(`${silent.address} without an answer so far`);
      await silent.close();
    });

    it('goes past servers that are dead or silent to one that serves', async () => {
      const [dead, silent] = await Promise.all([deadAddress(), silentServer()]);
      const connect = `${dead},${silent.address},${bench.ensemble.connectString}`;
      const clients = await Promise.all([1, 2, 3, 4].map(() => bench.connect({ connect })));
      for (const client of clients) expect(await client.exists('/')).not.toBeNull();
      await Promise.all(clients.map((client) => client.close()));
      await silent.close();
    });

    it('can be aborted', async () => {
      const connect = await deadAddress();
      const controller = new AbortController();
      const options = { connect, sessionTimeoutMs: 2_000, driver: bench.driver, signal: controller.signal };
      const connecting = outcomeOf(ZooKeeper.connect(options));
      controller.abort();
      expect(await connecting).toMatchObject({ code: 'ZK_ABORTED' });
      expect(await outcomeOf(ZooKeeper.connect(options))).toMatchObject({ code: 'ZK_ABORTED' });
    });
  });

  contractGroup(setup, 'an ensemble of three', 3, (bench) => {
    it('keeps its session and its ephemeral nodes when the leader is killed', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.create(`${root}/mine`, '', { mode: CreateMode.ephemeral });
      const { id } = client.session!;
      const states = recordStates(client);
      const leader = await bench.ensemble.waitForLeader();
      await bench.ensemble.kill(leader.id);
      try {
        // Servers that lose their leader close their connections: a write under way may end as maybe-done.
        await bench.waitFor('a write under the next leader', async () => {
          const outcome = await outcomeOf(client.setData(root, 'after'));
          return !(outcome instanceof Error);
        });
        expect(client.session?.id).toBe(id);
        expect((await client.exists(`${root}/mine`))?.ephemeralOwner).toBe(id);
        expect(states.map(({ state }) => state)).not.toContain('lost');
      } finally {
        await bench.ensemble.start(leader.id);
      }
    });

    it('leaves a server that stands still for another, within its session', async () => {
      // Followers, since without its leader the whole ensemble would stand still.
      const leader = await bench.ensemble.waitForLeader();
      const followers = bench.ensemble.servers.map(({ id }) => id).filter((id) => id !== leader.id);
      const links = await Promise.all(followers.map((id) => bench.link(id)));
      const connect = links.map((link) => link.address).join(',');
      const client = await bench.connect({ connect });
      const root = await bench.root(client);
      const { id } = client.session!;
      const at = links.findIndex((link) => link.connectionCount > 0);
      const states = recordStates(client);
      bench.ensemble.pause(followers[at]!);
      try {
        await bench.waitFor('the client to be elsewhere', () => {
          return links.some((link, index) => index !== at && link.connectionCount > 0) && client.state === 'connected';
        });
        await client.exists(root, { timeoutMs: PATIENCE_MS });
        expect(client.session?.id).toBe(id);
        expect(states[0]).toMatchObject({ state: 'suspended', reason: 'no-answer' });
      } finally {
        bench.ensemble.resume(followers[at]!);
      }
    });

    it('follows a node through the restart of every server and misses nothing', async () => {
      const [client, writer] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(writer);
      const stop = new AbortController();
      const seen: string[] = [];
      const following = (async () => {
        for await (const { data } of client.watch(root, { kind: 'data', signal: stop.signal })) {
          if (data !== null) seen.push(data.toString());
        }
      })();
      for (const { id } of bench.ensemble.servers) {
        await bench.ensemble.kill(id);
        const value = `while ${id} was down`;
        await bench.waitFor(`the write ${value}`, async () => {
          const outcome = await outcomeOf(writer.setData(root, value));
          return !(outcome instanceof Error);
        });
        await bench.waitFor(`the follower to see ${value}`, () => seen.at(-1) === value);
        await bench.ensemble.start(id);
      }
      stop.abort();
      await following;
    });
  });
}
