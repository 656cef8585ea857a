/** reconfig (16), and the node that holds the configuration. */
import { encodeReconfigRequest, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type Client, encode, ok } from '../client/client.js';
import { about, claim, type ClaimContext } from '../suite/claim.js';
import { SUPER_PASSWORD, type TopologyName } from '../suite/topologies.js';
import { expectError } from './support.js';

const CONFIG = '/zookeeper/config';
const ENSEMBLE: readonly TopologyName[] = ['follower', 'leader'];

/** The configuration as its lines, the version apart. */
async function readConfig(client: Client): Promise<{ servers: string[]; version: bigint }> {
  const { data } = ok(await client.getData(CONFIG));
  const lines = (data ?? Buffer.alloc(0)).toString('utf8').split('\n');
  const version = lines.pop() ?? '';
  expect(version).toMatch(/^version=[0-9a-f]+$/);
  return { servers: lines, version: BigInt(`0x${version.slice('version='.length)}`) };
}

async function superuser({ connect }: ClaimContext): Promise<Client> {
  const client = await connect();
  ok(await client.auth('digest', `super:${SUPER_PASSWORD}`));
  return client;
}

export const reconfig = about(
  'reconfig',
  claim(
    'is Unimplemented on a standalone server',
    async ({ client }) => {
      expectError(await client.reconfig({ leavingServers: '1' }), 'Unimplemented');
    },
    { on: ['standalone'] },
  ),
  claim(
    'is ReconfigDisabled unless it was switched on',
    async ({ client }) => {
      expectError(await client.reconfig({ leavingServers: '1' }), 'ReconfigDisabled');
    },
    { on: ['plain'] },
  ),
  claim(
    'the node of the configuration is empty on a standalone server',
    async ({ client }) => {
      expect(ok(await client.getData(CONFIG)).data).toEqual(Buffer.alloc(0));
    },
    { on: ['standalone', 'plain'] },
  ),
  claim(
    'the node of the configuration has a line a server and the version',
    async ({ client, servers }) => {
      const config = await readConfig(client);
      const sorted = [...servers].sort((a, b) => a.id - b.id);
      expect(config.servers).toEqual(
        sorted.map(({ id, clientPort }) =>
          expect.stringMatching(`^server\\.${id}=127\\.0\\.0\\.1:\\d+:\\d+:participant;127\\.0\\.0\\.1:${clientPort}$`),
        ),
      );
      const { stat } = ok(await client.getData(CONFIG));
      expect(stat.version).toBe(-1);
    },
    { on: ENSEMBLE },
  ),
  claim('the node of the configuration is read-only', async ({ client }) => {
    expectError(await client.setData(CONFIG, 'x'), 'NoAuth');
    expectError(await client.delete(CONFIG), 'BadArguments');
    expectError(await client.create(`${CONFIG}/x`), 'NoAuth');
  }),
  claim(
    'needs WRITE on the node of the configuration',
    async ({ client }) => {
      expectError(await client.reconfig({ leavingServers: '9' }), 'NoAuth');
    },
    { on: ENSEMBLE },
  ),
  claim(
    'a change answers with the new configuration, and every server shows it',
    async (context) => {
      const { client, connect, servers } = context;
      const admin = await superuser(context);
      const before = await readConfig(admin);
      ok(await client.getData(CONFIG, true));
      const answer = await admin.reconfig({ joiningServers: before.servers[0]! });
      const { data, stat } = ok(answer);
      expect(data?.toString('utf8')).toBe([...before.servers, `version=${answer.zxid.toString(16)}`].join('\n'));
      expect(stat).toMatchObject({ version: -1, mzxid: answer.zxid });
      expect(await client.nextEvent()).toBe(`NodeDataChanged ${CONFIG}`);
      for (const server of servers) {
        const there = await connect({}, server);
        ok(await there.sync(CONFIG));
        expect((await readConfig(there)).version).toBe(answer.zxid);
      }
    },
    { on: ENSEMBLE },
  ),
  claim(
    'a version other than the last one is BadVersion, before anything else is looked at',
    async ({ client }) => {
      const { version } = await readConfig(client);
      expectError(await client.reconfig({ leavingServers: '9', curConfigId: version + 1n }), 'BadVersion');
      expectError(await client.reconfig({ joiningServers: 'nonsense', curConfigId: 1n }), 'BadVersion');
      expectError(await client.reconfig({ leavingServers: '9', curConfigId: version }), 'NoAuth');
    },
    { on: ENSEMBLE },
  ),
  claim(
    'servers that are not well described are BadArguments, before the permission',
    async ({ client }) => {
      for (const joiningServers of [
        'nonsense',
        'server.9=127.0.0.1:1:2',
        'server.9=127.0.0.1:1:2;',
        'server.9=127.0.0.1:x:2;127.0.0.1:3',
        'server.9=127.0.0.1:1:2:nobody;127.0.0.1:3',
      ]) {
        expectError(await client.reconfig({ joiningServers }), 'BadArguments');
      }
      for (const newMembers of ['nonsense', 'server.9=127.0.0.1:1', '']) {
        expectError(await client.reconfig({ newMembers }), 'BadArguments');
      }
    },
    { on: ENSEMBLE },
  ),
  claim(
    'fewer than two voters are BadArguments',
    async ({ client }) => {
      const { servers } = await readConfig(client);
      expectError(await client.reconfig({ leavingServers: '1,2' }), 'BadArguments');
      expectError(await client.reconfig({ leavingServers: '1,2,3' }), 'BadArguments');
      expectError(await client.reconfig({ newMembers: servers[0]! }), 'BadArguments');
    },
    { on: ENSEMBLE },
  ),
  claim(
    'a configuration without a connected quorum is NewConfigNoQuorum, before the permission',
    async ({ client }) => {
      const strangers = [7, 8, 9].map((id) => `server.${id}=127.0.0.1:${id}1:${id}2;127.0.0.1:${id}3`);
      expectError(await client.reconfig({ newMembers: strangers.join(',') }), 'NewConfigNoQuorum');
      expectError(await client.reconfig({ newMembers: strangers.join('\n') }), 'NewConfigNoQuorum');
      expectError(await client.reconfig({ joiningServers: strangers.join(',') }), 'NewConfigNoQuorum');
    },
    { on: ENSEMBLE },
  ),
  claim(
    'an observer whose id is beyond a byte needs the permission first, as any other',
    async ({ client }) => {
      const joiningServers = 'server.999=0.0.0.0:1234:2345:observer;3456';
      expectError(await client.reconfig({ joiningServers }), 'NoAuth');
    },
    { on: ENSEMBLE },
  ),
  claim(
    'numbers that are none are a marshalling error',
    async ({ client }) => {
      expectError(await client.reconfig({ leavingServers: 'x' }), 'MarshallingError');
      expectError(await client.reconfig({ joiningServers: 'server.x=127.0.0.1:1:2;127.0.0.1:3' }), 'MarshallingError');
      ok(await client.exists('/'));
    },
    { on: ENSEMBLE },
  ),
  claim(
    'a body cut short is a marshalling error',
    async ({ client }) => {
      const request = { joiningServers: null, leavingServers: '9', newMembers: null, curConfigId: -1n };
      const whole = encode(encodeReconfigRequest, request);
      expectError(await client.request(OpCode.reconfig, whole.subarray(0, -1)), 'MarshallingError');
      ok(await client.exists('/'));
    },
    {
      deviations: {
        apache: {
          reason: 'in an ensemble 3.8 never answers, nor any request of that session behind it',
          on: ['standalone'],
          body: async ({ client }) => {
            expectError(await client.request(OpCode.reconfig, Buffer.alloc(3)), 'MarshallingError');
            ok(await client.exists('/'));
          },
        },
      },
    },
  ),
);
