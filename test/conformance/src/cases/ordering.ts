/** What a client may rely on when it has many requests in flight. */
import { encodeExistsRequest, encodeSetDataRequest, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

export const ordering = about(
  'ordering',
  claim('a read waits for the write of its session in front of it', async ({ client, root }) => {
    for (let round = 0; round < 20; round++) {
      const [write, read] = [client.setData(root, `${round}`), client.getData(root)];
      ok(await write);
      expect(ok(await read).data?.toString()).toBe(`${round}`);
    }
  }),
  claim('answers come in the order of requests, reads and writes mixed', async ({ client, root }) => {
    const read = { type: OpCode.exists, body: encode(encodeExistsRequest, { path: root, watch: false }) };
    const data = Buffer.from('x');
    const write = { type: OpCode.setData, body: encode(encodeSetDataRequest, { path: root, data, version: -1 }) };
    const replies = client.requestAll(Array.from({ length: 300 }, (_none, index) => (index % 3 === 0 ? write : read)));
    // The client refuses a reply that is not the next one.
    for (const reply of replies) expectError(await reply, 'Ok');
  }),
  claim('a write that fails does not hold up the ones behind it', async ({ client, root }) => {
    const answers = [
      client.create(`${root}/a`),
      client.create(`${root}/a`),
      client.setData(`${root}/a`, 'x', 5),
      client.setData(`${root}/a`, 'x', 0),
      client.delete(`${root}/a`, 0),
      client.delete(`${root}/a`, 1),
      client.exists(`${root}/a`),
    ];
    const errors = (await Promise.all(answers)).map(({ error }) => error);
    expect(errors).toEqual(['Ok', 'NodeExists', 'BadVersion', 'Ok', 'BadVersion', 'Ok', 'NoNode']);
  }),
  claim('requests that can not be read keep their place', async ({ client, root }) => {
    const answers = [
      client.setData(root, 'x'),
      client.request(OpCode.setData),
      client.getData(root),
      client.request(OpCode.getData),
      client.request(OpCode.multi),
      client.setData(root, 'y'),
    ];
    const errors = (await Promise.all(answers)).map(({ error }) => error);
    expect(errors).toEqual(['Ok', 'MarshallingError', 'Ok', 'MarshallingError', 'MarshallingError', 'Ok']);
  }),
  claim('a write answered by one server is seen on another after sync', async ({ client, connect, servers, root }) => {
    for (const server of servers) {
      const there = await connect({}, server);
      for (let round = 0; round < 5; round++) {
        const { version } = ok(await client.setData(root, 'x'));
        ok(await there.sync('/'));
        expect(ok(await there.exists(root)).version).toBe(version);
      }
    }
  }),
  claim('two clients never see the same version written twice', async ({ client, connect, servers, root }) => {
    const other = await connect({}, servers.at(-1));
    ok(await other.sync('/'));
    const tries = Array.from({ length: 40 }, (_none, index) =>
      (index % 2 === 0 ? client : other).setData(root, 'x', Math.floor(index / 2)),
    );
    const versions = (await Promise.all(tries)).flatMap(({ value }) => (value === null ? [] : [value.version]));
    expect(new Set(versions).size).toBe(versions.length);
  }),
);
