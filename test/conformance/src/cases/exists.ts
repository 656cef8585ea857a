/** exists (3). */
import { CreateMode, encodeExistsRequest, OpCode, Perms } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, jute, world } from './support.js';

export const exists = about(
  'exists',
  claim('answers with the stat', async ({ client, root }) => {
    const { stat } = ok(await client.create2(`${root}/a`, { data: 'x' }));
    expect(ok(await client.exists(`${root}/a`))).toEqual(stat);
  }),
  claim('a missing node is NoNode', async ({ client, root }) => {
    expectError(await client.exists(`${root}/a`), 'NoNode');
    expectError(await client.exists(`${root}/no/a`), 'NoNode');
  }),
  claim('leaves a watch on a missing node', async ({ client, root }) => {
    expectError(await client.exists(`${root}/a`, true), 'NoNode');
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([`NodeCreated ${root}/a`]);
  }),
  claim('leaves a watch on a node', async ({ client, root }) => {
    ok(await client.exists(root, true));
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('without the flag there is no watch', async ({ client, root }) => {
    ok(await client.exists(root));
    expectError(await client.exists(`${root}/a`), 'NoNode');
    ok(await client.setData(root, 'x'));
    ok(await client.create(`${root}/a`));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim(
    'needs no permission',
    async ({ client, root }) => {
      ok(await client.create(`${root}/closed`, { acl: [world(Perms.ADMIN)] }));
      ok(await client.exists(`${root}/closed`));
      ok(await client.exists(`${root}/closed`, true));
    },
    {
      deviations: {
        menagerie: {
          reason: 'what somebody may not read is not shown, as in Apache 3.8.4 (ZOOKEEPER-2590)',
          body: async ({ client, root }) => {
            ok(await client.create(`${root}/closed`, { acl: [world(Perms.ADMIN)] }));
            expectError(await client.exists(`${root}/closed`), 'NoAuth');
            expectError(await client.exists(`${root}/closed`, true), 'NoAuth');
          },
        },
      },
    },
  ),
  claim('the root is there under its name', async ({ client }) => {
    expect(ok(await client.exists('/'))).toMatchObject({ czxid: 0n, ctime: 0, ephemeralOwner: 0n });
  }),
  claim('the empty path is the root, too', async ({ client }) => {
    expect(ok(await client.exists(''))).toMatchObject({ czxid: 0n, ctime: 0 });
  }),
  claim('paths no node can have are not judged', async ({ client, root }) => {
    for (const path of ['x', `${root}/`, `${root}//a`, `${root}/..`]) expectError(await client.exists(path), 'NoNode');
  }),
  claim('a null character is BadArguments', async ({ client, root }) => {
    expectError(await client.exists(`${root}\0`), 'BadArguments');
  }),
  claim('an ephemeral node tells its owner', async ({ client, connect, root }) => {
    const owner = await connect();
    ok(await owner.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    expect(ok(await client.exists(`${root}/e`)).ephemeralOwner).toBe(owner.sessionId);
  }),
  claim('any byte but 0 asks for the watch', async ({ client, root }) => {
    const body = encode(encodeExistsRequest, { path: root, watch: true });
    body[body.length - 1] = 7;
    expectError(await client.request(OpCode.exists, body), 'Ok');
    ok(await client.setData(root, 'x'));
    expect(await client.takeEvents()).toEqual([`NodeDataChanged ${root}`]);
  }),
  claim('bodies that end too soon are a marshalling error', async ({ client, root }) => {
    const whole = encode(encodeExistsRequest, { path: root, watch: false });
    expectError(await client.request(OpCode.exists, whole.subarray(0, -1)), 'MarshallingError');
    expectError(await client.request(OpCode.exists), 'MarshallingError');
    const none = jute((writer) => (writer.writeString(null), writer.writeBool(false)));
    expectError(await client.request(OpCode.exists, none), 'MarshallingError');
    ok(await client.exists(root));
  }),
);
