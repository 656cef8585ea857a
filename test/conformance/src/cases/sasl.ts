/** sasl (102) on a server without a login configuration; the mechanisms themselves need one. */
import { decodeSaslResponse, encodeSaslRequest, JuteReader, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

export const sasl = about(
  'sasl',
  claim('where nothing is configured a token is answered with none, and gives no identity', async ({ client }) => {
    const reply = await client.request(OpCode.sasl, encode(encodeSaslRequest, { token: Buffer.from('token') }));
    expectError(reply, 'Ok');
    expect(reply.zxid).toBe(0n);
    expect(decodeSaslResponse(new JuteReader(reply.body)).token).toBeNull();
    expect(ok(await client.whoAmI()).map(({ authScheme }) => authScheme)).toEqual(['ip']);
  }),
  claim('a null token ends the connection', async ({ connect }) => {
    const client = await connect();
    client.request(OpCode.sasl, encode(encodeSaslRequest, { token: null })).catch(() => undefined);
    await client.untilEnded();
  }),
  claim('a body cut short ends the connection', async ({ connect }) => {
    const client = await connect();
    client.request(OpCode.sasl, Buffer.alloc(2)).catch(() => undefined);
    await client.untilEnded();
  }),
);
