/** What is true about the session, seen from outside: its states, its end, its ephemeral nodes. */
import { expect, it } from 'vitest';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import type { SessionChange, ZooKeeperClient } from '../api.js';
import { isSessionLost } from '../errors.js';
import { contractGroup, inChunks, outcomeOf, recordStates, type ContractBench, type ContractSetup } from './setup.js';

/** Two ticks of a test server are one second, so that is the shortest session; this one survives a busy machine. */
const SHORT_SESSION_MS = 2_500;

async function ephemeral(client: ZooKeeperClient, path: string): Promise<string> {
  await client.create(path, '', { mode: CreateMode.ephemeral });
  return path;
}

/** A node of a session as short as any here, whose client is not heard any more: when it goes, so much time has passed. */
async function silentSession(bench: ContractBench, root: string): Promise<string> {
  const link = await bench.link();
  const client = await bench.connect({ connect: link.address, sessionTimeoutMs: SHORT_SESSION_MS });
  const path = await ephemeral(client, `${root}/silent`);
  link.stall();
  return path;
}

export function sessionsContract(setup: ContractSetup): void {
  contractGroup(setup, 'sessions', 1, (bench) => {
    it('knows its session: the id that owns its nodes, the timeout that was granted', async () => {
      const client = await bench.connect({ sessionTimeoutMs: 600_000 });
      const root = await bench.root(client);
      const session = client.session!;
      expect(session).toMatchObject({ generation: 1, negotiatedTimeoutMs: 10_000 });
      expect(session.password).toHaveLength(16);
      expect(client.state).toBe('connected');
      const path = await ephemeral(client, `${root}/mine`);
      expect((await client.exists(path))?.ephemeralOwner).toBe(session.id);
    });

    it('releases its ephemeral nodes at once when it is closed', async () => {
      const [client, observer] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(observer);
      const path = await ephemeral(client, `${root}/mine`);
      const states = recordStates(client);
      expect(await client.close()).toEqual({ sessionClosed: true });
      await observer.sync(path);
      expect(await observer.exists(path)).toBeNull();
      expect(states).toMatchObject([{ state: 'closed', previous: 'connected', reason: 'close' }]);
      expect(client.session).toBeNull();
    });

    it('releases its ephemeral nodes also when it is closed while suspended, if a connection can be had', async () => {
      const link = await bench.link();
      const [client, observer] = await Promise.all([bench.connect({ connect: link.address }), bench.connect()]);
      const root = await bench.root(observer);
      const path = await ephemeral(client, `${root}/mine`);
      link.cut();
      await bench.waitForState(client, 'suspended');
      const closing = client.close();
      link.heal();
      expect(await closing).toEqual({ sessionClosed: true });
      await observer.sync(path);
      expect(await observer.exists(path)).toBeNull();
    });

    it('keeps session and ephemeral nodes over a short cut', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      const path = await ephemeral(client, `${root}/mine`);
      const before = client.session!;
      const states = recordStates(client);
      link.cut();
      await bench.waitForState(client, 'suspended');
      expect(client.session).toEqual(before);
      link.heal();
      await bench.waitForState(client, 'connected');
      expect(client.session).toEqual(before);
      expect(await client.exists(path)).toMatchObject({ ephemeralOwner: before.id });
      expect(states).toMatchObject([
        { state: 'suspended', previous: 'connected', reason: 'connection-lost', sessionId: before.id },
        { state: 'connected', previous: 'suspended', reason: 'reattached', sessionId: before.id },
      ]);
    });

    it('declares the session lost by its own clock, without a server, and makes a new one', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address, sessionTimeoutMs: SHORT_SESSION_MS });
      const first = client.session!;
      const states = recordStates(client);
      const sessions: SessionChange[] = [];
      client.on('session', (change) => {
        sessions.push(change);
        expect(states.at(-1)?.state).toBe('lost');
      });
      link.cut();
      await bench.waitForState(client, 'lost');
      expect(client.session).toBeNull();
      link.heal();
      await bench.waitForState(client, 'connected');
      expect(states).toMatchObject([
        { state: 'suspended', reason: 'connection-lost', sessionId: first.id },
        { state: 'lost', previous: 'suspended', reason: 'timeout', sessionId: first.id },
        { state: 'connected', previous: 'lost', reason: 'session-created' },
      ]);
      expect(client.session!.id).not.toBe(first.id);
      expect(sessions).toEqual([{ session: client.session, previousId: first.id }]);
      expect(client.session!.generation).toBe(2);
    });

    it('finds out by itself that a server does not answer any more', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address, sessionTimeoutMs: SHORT_SESSION_MS });
      const states = recordStates(client);
      link.stall();
      await bench.waitForState(client, 'lost');
      link.heal();
      await bench.waitForState(client, 'connected');
      expect(states.map(({ state, reason }) => `${state}: ${reason}`)).toEqual([
        'suspended: no-answer',
        'lost: timeout',
        'connected: session-created',
      ]);
    });

    it('stays in its session for as long as it has nothing to say', async () => {
      const [client, observer] = await Promise.all([
        bench.connect({ sessionTimeoutMs: SHORT_SESSION_MS }),
        bench.connect(),
      ]);
      const root = await bench.root(observer);
      const path = await ephemeral(client, `${root}/mine`);
      const states = recordStates(client);
      const silentNode = await silentSession(bench, root);
      await bench.waitFor('the silent session to end', async () => (await observer.exists(silentNode)) === null);
      expect(await observer.exists(path)).not.toBeNull();
      expect(states).toEqual([]);
    });

    it('pings although events keep its connection busy', async () => {
      const [client, writer] = await Promise.all([
        bench.connect({ sessionTimeoutMs: SHORT_SESSION_MS }),
        bench.connect(),
      ]);
      const root = await bench.root(writer);
      const path = await ephemeral(client, `${root}/mine`);
      const states = recordStates(client);
      const paths = Array.from({ length: 8_000 }, (_, index) => `${root}/${index}`);
      await inChunks(paths, (each) => client.exists(each, { watch: () => undefined }));
      const silentNode = await silentSession(bench, root);
      // An event with each turn, while the client itself asks for nothing.
      for (const each of paths) {
        await writer.create(each);
        if ((await writer.exists(silentNode)) === null) break;
      }
      expect(await writer.exists(silentNode)).toBeNull();
      expect(await writer.exists(path)).not.toBeNull();
      expect(states).toEqual([]);
    });

    it('never claims a session that may be over, even if the whole process stood still', async () => {
      const client = await bench.connect({ sessionTimeoutMs: SHORT_SESSION_MS });
      const states = recordStates(client);
      // Nothing in this process runs meanwhile, no timer and no socket: as if it had been stopped and continued.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, SHORT_SESSION_MS + 100);
      expect(client.state).toBe('lost');
      expect(client.session).toBeNull();
      await bench.waitForState(client, 'connected');
      expect(client.session!.generation).toBe(2);
      expect(states[0]).toMatchObject({ state: 'lost', previous: 'connected', reason: 'timeout' });
    });

    it('learns from the server that its session has expired, and makes a new one', async () => {
      const [client, observer] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(client);
      const path = await ephemeral(client, `${root}/mine`);
      const states = recordStates(client);
      const { id, password } = client.session!;
      await bench.ensemble.expireSession(id, password);
      await bench.waitFor('a second session', () => client.session?.generation === 2);
      expect(await observer.exists(path)).toBeNull();
      expect(states).toMatchObject([
        { state: 'suspended', sessionId: id },
        { state: 'lost', reason: 'expired', sessionId: id },
        { state: 'connected', reason: 'session-created' },
      ]);
    });

    it('tells the state before it fails the calls of it', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address, sessionTimeoutMs: SHORT_SESSION_MS });
      const root = await bench.root(client);
      const order: string[] = [];
      client.on('state', ({ state }) => order.push(state));
      link.cut();
      await bench.waitForState(client, 'suspended');
      const write = outcomeOf(client.setData(root, 'x')).then((error) => {
        order.push('the call ended');
        return error;
      });
      expect(isSessionLost(await write)).toBe(true);
      expect(order.slice(0, 3)).toEqual(['suspended', 'lost', 'the call ended']);
    });

    it('goes on after a listener that throws', async () => {
      const client = await bench.connect();
      const thrown: unknown[] = [];
      const handlers = process.listeners('uncaughtException');
      process.removeAllListeners('uncaughtException');
      process.on('uncaughtException', (error) => thrown.push(error));
      try {
        client.on('state', () => {
          throw new Error('a listener with a fault');
        });
        const states = recordStates(client);
        expect(await client.close()).toEqual({ sessionClosed: true });
        expect(states).toHaveLength(1);
        await bench.waitFor('the fault to be reported', () => thrown.length > 0);
      } finally {
        process.removeAllListeners('uncaughtException');
        for (const handler of handlers) process.on('uncaughtException', handler);
      }
    });

    it('closes once, however often it is asked, and refuses everything afterwards', async () => {
      const client = await bench.connect();
      const closing = client.close();
      expect(client.close()).toBe(closing);
      await closing;
      await client[Symbol.asyncDispose]();
      for (const call of [client.getData('/'), client.create('/x'), client.multi([]), client.mkdirp('/x/y')]) {
        await expect(call).rejects.toMatchObject({ code: 'ZK_CLOSED', outcome: 'not-done' });
      }
    });
  });
}
