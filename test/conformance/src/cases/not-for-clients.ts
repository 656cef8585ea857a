/** Operations that are not a client's to send: notification (0), check (13) alone, deleteContainer (20), createSession (-10). */
import { encodeCheckRequest, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type Client, encode, ok } from '../client/client.js';
import { encodeRequest } from '../client/raw-client.js';
import { about, claim, type ClaimBody } from '../suite/claim.js';
import { SESSION_TIMEOUT_MAX_MS } from '../suite/topologies.js';
import { expectError, jute } from './support.js';

const refuses = (type: number, body?: Buffer): ClaimBody => {
  return async ({ connect }) => {
    const client = await connect();
    expectError(await client.request(type, body), 'Unimplemented');
    await client.untilEnded();
  };
};

export const notification = about(
  'notification',
  claim('is Unimplemented and ends the connection', refuses(OpCode.notification)),
  claim('the session lives on', async ({ connect }) => {
    const client = await connect();
    expectError(await client.request(OpCode.notification), 'Unimplemented');
    await client.untilEnded();
    expect((await connect(client.credentials)).sessionId).toBe(client.sessionId);
  }),
  ...[10, 23, 99, 108, 500, -2, -100, 0x7fffffff, -0x80000000].map((type) =>
    claim(`the unknown operation ${type} is Unimplemented and ends the connection`, refuses(type)),
  ),
);

/** A request whose answer nobody waits for. */
const sendAlone = (client: Client, path: string): void => {
  client.write(encodeRequest(client.nextXid(), OpCode.check, encode(encodeCheckRequest, { path, version: 0 })));
};

export const check = about(
  'check',
  claim(
    'outside of a multi it is Unimplemented and ends the connection',
    async ({ connect, root }) => {
      const client = await connect();
      const body = encode(encodeCheckRequest, { path: root, version: 0 });
      expectError(await client.request(OpCode.check, body), 'Unimplemented');
      await client.untilEnded();
    },
    {
      deviations: {
        apache: {
          reason: '3.8 never answers, and in an ensemble every server ends with a fatal error (ZOOKEEPER-2623)',
          on: ['standalone'],
          body: async ({ connect, root }) => {
            const client = await connect();
            sendAlone(client, root);
            ok(await client.exists(root));
            expect(client.transcript).toHaveLength(1);
          },
        },
      },
    },
  ),
);

export const deleteContainer = about(
  'deleteContainer',
  claim(
    'from a client it is BadArguments, whatever the path, and the connection goes on',
    async ({ client, root }) => {
      ok(await client.create(`${root}/plain`));
      ok(await client.createContainer(`${root}/container`));
      for (const path of [`${root}/plain`, `${root}/container`, `${root}/none`, '']) {
        // The whole frame is taken for the path, and there are zeros in its header.
        expectError(await client.request(OpCode.deleteContainer, Buffer.from(path)), 'BadArguments');
        const record = jute((writer) => writer.writeString(path));
        expectError(await client.request(OpCode.deleteContainer, record), 'BadArguments');
      }
      ok(await client.exists(`${root}/plain`));
      ok(await client.exists(`${root}/container`));
    },
    {
      deviations: {
        menagerie: {
          reason: 'refused like any operation that is not for clients',
          body: async ({ client, connect, root }) => {
            ok(await client.createContainer(`${root}/container`));
            const other = await connect();
            const record = jute((writer) => writer.writeString(`${root}/container`));
            expectError(await other.request(OpCode.deleteContainer, record), 'Unimplemented');
            await other.untilEnded();
            ok(await client.exists(`${root}/container`));
          },
        },
      },
    },
  ),
);

export const createSession = about(
  'createSession',
  claim(
    'from a client it is Unimplemented and ends the connection',
    refuses(OpCode.createSession, Buffer.from('00007530', 'hex')),
    {
      deviations: {
        apache: {
          reason: 'gives the session any timeout that is asked for, over every limit, and answers with a handshake',
          body: async ({ connect }) => {
            const client = await connect();
            const { sessionId } = client;
            const body = jute((writer) => writer.writeInt(SESSION_TIMEOUT_MAX_MS * 100));
            const response = await client.handshakeWith(encodeRequest(1, OpCode.createSession, body));
            expect(response.sessionId).toBe(sessionId);
          },
        },
      },
    },
  ),
);
