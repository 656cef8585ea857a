/** How sessions live, move and end. */
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { until } from '../net/waiting.js';
import { about, claim } from '../suite/claim.js';
import { SESSION_TIMEOUT_MIN_MS } from '../suite/topologies.js';
import { expectError } from './support.js';

const SHORT = { timeoutMs: SESSION_TIMEOUT_MIN_MS };
const flags = CreateMode.ephemeral;

export const sessions = about(
  'sessions',
  claim(
    'a session that is not heard of expires, and its ephemeral nodes go',
    async ({ client, connect, root }) => {
      const silent = await connect(SHORT);
      ok(await silent.create(`${root}/e`, { flags }));
      ok(await client.exists(`${root}/e`, true));
      expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/e`);
      await silent.untilEnded();
    },
    { racesTheClock: true },
  ),
  claim(
    'a crashed client leaves its session until it expires',
    async ({ client, connect, root }) => {
      const crashed = await connect(SHORT);
      ok(await crashed.create(`${root}/e`, { flags }));
      ok(await client.exists(`${root}/e`, true));
      crashed.crash();
      expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/e`);
      const late = await connect(crashed.credentials);
      expect(late.timeoutMs).toBe(0);
      await late.untilEnded();
    },
    { racesTheClock: true },
  ),
  claim(
    'pings keep a session',
    async ({ client, connect, root }) => {
      const [silent, pinging] = [await connect(SHORT), await connect(SHORT)];
      ok(await silent.create(`${root}/silent`, { flags }));
      ok(await pinging.create(`${root}/pinging`, { flags }));
      await until('the other session to expire', async () => {
        await pinging.ping();
        return (await client.exists(`${root}/silent`)).error === 'NoNode';
      });
      ok(await client.exists(`${root}/pinging`));
    },
    { racesTheClock: true },
  ),
  claim(
    'reads keep a session',
    async ({ client, connect, root }) => {
      const [silent, reading] = [await connect(SHORT), await connect(SHORT)];
      ok(await silent.create(`${root}/silent`, { flags }));
      ok(await reading.create(`${root}/reading`, { flags }));
      await until(
        'the other session to expire',
        async () => (await reading.exists(`${root}/silent`)).error === 'NoNode',
      );
      ok(await client.exists(`${root}/reading`));
    },
    { racesTheClock: true },
  ),
  claim('a session goes on after a new connection, with its ephemeral nodes', async ({ client, connect, root }) => {
    const first = await connect();
    ok(await first.create(`${root}/e`, { flags }));
    first.crash();
    const second = await connect(first.credentials);
    expect(second).toMatchObject({ sessionId: first.sessionId, password: first.password });
    expect(ok(await second.getEphemerals(root))).toEqual([`${root}/e`]);
    expect(ok(await client.exists(`${root}/e`)).ephemeralOwner).toBe(second.sessionId);
    await second.closeSession();
    expectError(await client.exists(`${root}/e`), 'NoNode');
  }),
  claim('a second connection takes the session from the first', async ({ connect, root }) => {
    const first = await connect();
    const second = await connect(first.credentials);
    await first.untilEnded();
    ok(await second.setData(root, 'x'));
  }),
  claim(
    'a connection that failed with a wrong password has ended the first one all the same',
    async ({ connect }) => {
      const first = await connect();
      const thief = await connect({ sessionId: first.sessionId, password: Buffer.alloc(16) });
      expect(thief.timeoutMs).toBe(0);
      await first.untilEnded();
      expect((await connect(first.credentials)).sessionId).toBe(first.sessionId);
    },
    {
      deviations: {
        menagerie: {
          reason: 'who only guesses an id disconnects nobody',
          body: async ({ connect }) => {
            const first = await connect();
            const thief = await connect({ sessionId: first.sessionId, password: Buffer.alloc(16) });
            expect(thief.timeoutMs).toBe(0);
            await thief.untilEnded();
            expectError(await first.ping(), 'Ok');
          },
        },
      },
    },
  ),
  claim('a new connection may ask for another timeout', async ({ connect }) => {
    const first = await connect({ timeoutMs: 5_000 });
    first.crash();
    expect((await connect({ ...first.credentials, timeoutMs: 9_000 })).timeoutMs).toBe(9_000);
  }),
  claim('watches stay behind with the old connection', async ({ client, connect, root }) => {
    const first = await connect();
    ok(await first.getData(root, true));
    first.crash();
    const second = await connect(first.credentials);
    ok(await client.setData(root, 'x'));
    await second.sync('/');
    expect(await second.takeEvents()).toEqual([]);
  }),
  claim(
    'a session moves to another server',
    async ({ client, connect, server, servers, root }) => {
      const first = await connect();
      ok(await first.create(`${root}/e`, { flags }));
      first.crash();
      const elsewhere = servers.find(({ id }) => id !== server.id)!;
      const second = await connect(first.credentials, elsewhere);
      expect(second.sessionId).toBe(first.sessionId);
      expect(ok(await second.getEphemerals(root))).toEqual([`${root}/e`]);
      await second.closeSession();
      ok(await client.sync('/'));
      expectError(await client.exists(`${root}/e`), 'NoNode');
    },
    { on: ['follower', 'leader'] },
  ),
  claim(
    'a write through a server that a session has left ends that connection without an answer',
    async ({ connect, server, servers, root }) => {
      const first = await connect();
      const elsewhere = servers.find(({ id }) => id !== server.id)!;
      const second = await connect(first.credentials, elsewhere);
      ok(await second.setData(root, 'second'));
      await expect(first.setData(root, 'first')).rejects.toThrow('closed');
      await second.sync('/');
      expect(ok(await second.getData(root)).data?.toString()).toBe('second');
    },
    { on: ['follower', 'leader'] },
  ),
  claim(
    'a wrong password is refused by every server',
    async ({ client, open, servers }) => {
      for (const server of servers) {
        const thief = await open(server);
        const response = await thief.handshake({ sessionId: client.sessionId, password: Buffer.alloc(16, 1) });
        expect(response.timeoutMs).toBe(0);
      }
    },
    { on: ['follower', 'leader'] },
  ),
  claim(
    'a closed session is refused by every server',
    async ({ client, connect, servers }) => {
      const gone = await connect();
      await gone.closeSession();
      for (const server of servers) {
        // One that learns of the end only now ends this connection with it, before it has answered.
        ok(await (await connect({}, server)).sync('/'));
        const elsewhere = await connect(gone.credentials, server);
        expect(elsewhere.timeoutMs).toBe(0);
      }
      ok(await client.exists('/'));
    },
    { on: ['follower', 'leader'] },
  ),
  claim(
    'a session that expires on one server is gone on all',
    async ({ client, connect, servers, root }) => {
      const silent = await connect(SHORT);
      ok(await silent.create(`${root}/e`, { flags }));
      for (const server of servers) {
        const watcher = await connect({}, server);
        ok(await watcher.sync('/'));
        const there = await watcher.exists(`${root}/e`, true);
        if (there.error === 'Ok') expect(await watcher.nextEvent()).toBe(`NodeDeleted ${root}/e`);
      }
      ok(await client.sync('/'));
      expectError(await client.exists(`${root}/e`), 'NoNode');
    },
    { on: ['follower', 'leader'], racesTheClock: true },
  ),
);
