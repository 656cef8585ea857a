/** Sessions that only one server knows (localSessionsEnabled), and those that become global when they need to. */
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { until } from '../net/waiting.js';
import { about, claim } from '../suite/claim.js';
import { SESSION_TIMEOUT_MIN_MS } from '../suite/topologies.js';
import { expectError } from './support.js';

const SHORT = { timeoutMs: SESSION_TIMEOUT_MIN_MS };
const flags = CreateMode.ephemeral;
const BOTH = ['local', 'localOnly'] as const;

export const localSessions = about(
  'local sessions',
  claim(
    'read and write as others do, through their own server',
    async ({ client, root }) => {
      ok(await client.create(`${root}/a`));
      ok(await client.setData(`${root}/a`, 'x'));
      expect(ok(await client.getData(`${root}/a`)).data?.toString()).toBe('x');
      ok(await client.multi([{ type: 13, request: { path: `${root}/a`, version: -1 } }]));
      ok(await client.sync(root));
      expect(await client.takeEvents()).toEqual([]);
    },
    { on: BOTH },
  ),
  claim(
    'begin and end without a transaction',
    async ({ client, connect, root }) => {
      const before = ok(await client.setData(root, 'x')).mzxid;
      const other = await connect();
      await other.ping();
      await other.closeSession();
      expect(ok(await client.setData(root, 'y')).mzxid).toBe(before + 1n);
    },
    { on: BOTH },
  ),
  claim(
    'are answered when they are closed, and are gone then',
    async ({ connect }) => {
      const first = await connect();
      expect((await first.closeSession()).error).toBe('Ok');
      const second = await connect(first.credentials);
      expect(second.timeoutMs).toBe(0);
    },
    { on: BOTH },
  ),
  claim(
    'go on after a new connection to the same server',
    async ({ connect, root }) => {
      const first = await connect();
      first.crash();
      const second = await connect(first.credentials);
      expect(second.sessionId).toBe(first.sessionId);
      ok(await second.setData(root, 'x'));
    },
    { on: BOTH },
  ),
  claim(
    'are expired for every other server',
    async ({ connect, server, servers }) => {
      const first = await connect();
      const elsewhere = servers.find(({ id, running }) => running && id !== server.id)!;
      expect((await connect(first.credentials, elsewhere)).timeoutMs).toBe(0);
    },
    { on: BOTH },
  ),
  claim(
    'expire when they are not heard of',
    async ({ connect }) => {
      const silent = await connect(SHORT);
      await silent.untilEnded();
      await until('the session to be gone', async () => (await connect(silent.credentials)).timeoutMs === 0);
    },
    { on: BOTH, racesTheClock: true },
  ),
  claim(
    'can have no ephemeral node unless they may become global',
    async ({ client, root }) => {
      expectError(await client.create(`${root}/e`, { flags }), 'EphemeralOnLocalSession');
      expectError(
        await client.create(`${root}/e`, { flags: CreateMode.ephemeralSequential }),
        'EphemeralOnLocalSession',
      );
      expectError(await client.exists(`${root}/e`), 'NoNode');
      ok(await client.create(`${root}/p`));
    },
    { on: ['localOnly'] },
  ),
  claim(
    'become global with their first ephemeral node, and go on anywhere',
    async ({ client, connect, server, servers, root }) => {
      const owner = await connect();
      ok(await owner.create(`${root}/e`, { flags }));
      expect(ok(await client.exists(`${root}/e`)).ephemeralOwner).toBe(owner.sessionId);
      owner.crash();
      const elsewhere = servers.find(({ id }) => id !== server.id)!;
      const moved = await connect(owner.credentials, elsewhere);
      expect(moved.sessionId).toBe(owner.sessionId);
      expect(ok(await moved.getEphemerals(root))).toEqual([`${root}/e`]);
      await moved.closeSession();
      ok(await client.sync('/'));
      expectError(await client.exists(`${root}/e`), 'NoNode');
    },
    { on: ['local'] },
  ),
  claim(
    'that became global expire with their nodes',
    async ({ client, connect, root }) => {
      const owner = await connect(SHORT);
      ok(await owner.create(`${root}/e`, { flags }));
      ok(await client.exists(`${root}/e`, true));
      expect(await client.nextEvent()).toBe(`NodeDeleted ${root}/e`);
    },
    { on: ['local'], racesTheClock: true },
  ),
);
