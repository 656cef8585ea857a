/** A server without a quorum, in read-only mode: two of its three were killed. */
import { OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { ok } from '../client/client.js';
import { fourLetterWord } from '../net/four-letter-word.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

const on = ['readOnly'] as const;

export const readOnly = about(
  'read-only mode',
  claim(
    'who asked for no more is served, and told',
    async ({ client, root }) => {
      expect(client.readOnly).toBe(true);
      expect(client.sessionId).not.toBe(0n);
      expect(ok(await client.getData(root)).data?.toString()).toBe('before');
      ok(await client.exists('/'));
      ok(await client.getChildren('/'));
      expect((await client.ping()).error).toBe('Ok');
    },
    { on },
  ),
  claim(
    'who did not ask is turned away',
    async ({ open }) => {
      await expect((await open()).handshake({ readOnly: false })).rejects.toThrow('closed');
      await expect((await open()).handshake({ hasReadOnly: false })).rejects.toThrow('closed');
    },
    { on },
  ),
  claim(
    'nothing can be changed: each write is NotReadOnly, and so is sync',
    async ({ client, root }) => {
      expectError(await client.setData(root, 'x'), 'NotReadOnly');
      expectError(await client.create(`${root}/x`), 'NotReadOnly');
      expectError(await client.delete(root), 'NotReadOnly');
      expectError(await client.setAcl(root, []), 'NotReadOnly');
      expectError(await client.sync(root), 'NotReadOnly');
      expectError(await client.multi([]), 'NotReadOnly');
      expectError(await client.reconfig({ leavingServers: '1' }), 'NotReadOnly');
      for (const type of [OpCode.create2, OpCode.createContainer, OpCode.createTtl]) {
        expect((await client.request(type)).error).toBe('NotReadOnly');
      }
      expect(ok(await client.getData(root)).data?.toString()).toBe('before');
    },
    { on },
  ),
  claim(
    'a session is closed as usual',
    async ({ connect }) => {
      const client = await connect();
      expect((await client.closeSession()).error).toBe('Ok');
    },
    { on },
  ),
  claim(
    'a session goes on after a new connection',
    async ({ connect, root }) => {
      const first = await connect();
      first.crash();
      const second = await connect({ ...first.credentials, readOnly: true });
      expect(second).toMatchObject({ sessionId: first.sessionId, readOnly: true });
      ok(await second.getData(root));
    },
    { on },
  ),
  claim(
    'four-letter words say so',
    async ({ server }) => {
      expect(await fourLetterWord(server, 'isro')).toBe('ro');
      expect(await fourLetterWord(server, 'srvr')).toMatch(/^Mode: read-only$/m);
    },
    { on },
  ),
);
