/** The first message of a connection, in all the shapes that clients send. */
import { encodeConnectRequest, frame, generateSessionPassword } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { SESSION_TIMEOUT_MAX_MS, SESSION_TIMEOUT_MIN_MS, TICK_MS } from '../suite/topologies.js';
import { jute } from './support.js';

const NO_SESSION = { sessionId: 0n, timeoutMs: 0, password: Buffer.alloc(16) };

const request = {
  protocolVersion: 0,
  lastZxidSeen: 0n,
  timeoutMs: 10_000,
  sessionId: 0n,
  password: Buffer.alloc(16),
  readOnly: false,
  hasReadOnly: true,
};

export const handshake = about(
  'handshake',
  claim('a new session has an id, a password of 16 bytes and the timeout asked for', async ({ connect }) => {
    const client = await connect({ timeoutMs: 7_654 });
    expect(client.sessionId).not.toBe(0n);
    expect(client.password).toHaveLength(16);
    expect(client.password).not.toEqual(Buffer.alloc(16));
    expect(client.timeoutMs).toBe(7_654);
    expect(client.readOnly).toBe(false);
  }),
  claim('every member can compute the password from the id', async ({ client }) => {
    expect(client.password).toEqual(generateSessionPassword(client.sessionId));
  }),
  claim('the top byte of the id is the id of the server', async ({ client, server }) => {
    expect(Number(BigInt.asUintN(64, client.sessionId) >> 56n)).toBe(server.id);
  }),
  claim('ids of one server count up', async ({ connect }) => {
    const [first, second] = [await connect(), await connect()];
    expect(second.sessionId).toBeGreaterThan(first.sessionId);
  }),
  claim(
    'the timeout is brought into the limits',
    async ({ connect }) => {
      for (const timeoutMs of [0, -1, 1, SESSION_TIMEOUT_MIN_MS - 1, -0x80000000]) {
        expect((await connect({ timeoutMs })).timeoutMs).toBe(SESSION_TIMEOUT_MIN_MS);
      }
      for (const timeoutMs of [SESSION_TIMEOUT_MAX_MS + 1, 0x7fffffff]) {
        expect((await connect({ timeoutMs })).timeoutMs).toBe(SESSION_TIMEOUT_MAX_MS);
      }
    },
    { racesTheClock: true },
  ),
  claim(
    'the limits are 2 and 20 ticks unless they were set',
    async ({ connect }) => {
      expect((await connect({ timeoutMs: 1 })).timeoutMs).toBe(2 * TICK_MS);
      expect((await connect({ timeoutMs: 1_000_000 })).timeoutMs).toBe(20 * TICK_MS);
    },
    { on: ['plain'] },
  ),
  claim('who sends the read-only byte gets it back', async ({ connect }) => {
    expect((await connect()).handshakeBytes).toBe(37);
  }),
  claim('who does not send it is answered without it, and is served', async ({ connect, root }) => {
    const client = await connect({ hasReadOnly: false });
    expect(client.handshakeBytes).toBe(36);
    ok(await client.exists(root));
  }),
  claim('who would be content with a read-only server gets a full one', async ({ connect, root }) => {
    const client = await connect({ readOnly: true });
    expect(client.readOnly).toBe(false);
    ok(await client.setData(root, 'x'));
  }),
  claim('the version of the protocol is ignored and answered with 0', async ({ open }) => {
    for (const protocolVersion of [1, 99, -1]) {
      const client = await open();
      const response = await client.handshake({ protocolVersion });
      expect(response).toMatchObject({ protocolVersion: 0 });
      expect(response.sessionId).not.toBe(0n);
    }
  }),
  claim('a password of any length or none opens a new session', async ({ open }) => {
    for (const password of [null, Buffer.alloc(0), Buffer.alloc(3), Buffer.alloc(100)]) {
      const client = await open();
      const response = await client.handshakeWith(frame(encode(encodeConnectRequest, { ...request, password })));
      expect(response.password).toHaveLength(16);
    }
  }),
  claim('bytes behind it are ignored', async ({ open }) => {
    const client = await open();
    const body = Buffer.concat([encode(encodeConnectRequest, request), Buffer.from('trailing')]);
    expect((await client.handshakeWith(frame(body))).sessionId).not.toBe(0n);
  }),
  claim('one that arrives byte by byte is understood', async ({ open }) => {
    const client = await open();
    const bytes = frame(encode(encodeConnectRequest, request));
    for (const byte of bytes.subarray(0, -1)) {
      client.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await client.handshakeWith(bytes.subarray(-1))).sessionId).not.toBe(0n);
  }),
  claim('a client that has seen more than the server is turned away', async ({ client, open, root }) => {
    const { mzxid } = ok(await client.setData(root, 'x'));
    const ahead = await open();
    await expect(ahead.handshake({ lastZxidSeen: mzxid + 1_000_000n })).rejects.toThrow('closed');
  }),
  claim('a client that has seen exactly as much is taken', async ({ client, open, root }) => {
    const { mzxid } = ok(await client.setData(root, 'x'));
    const level = await open();
    expect((await level.handshake({ lastZxidSeen: mzxid })).sessionId).not.toBe(0n);
  }),
  claim('one cut short ends the connection', async ({ open }) => {
    const whole = encode(encodeConnectRequest, request);
    for (const length of [0, 1, 8, 27, 43]) {
      const client = await open();
      client.write(frame(whole.subarray(0, length)));
      await client.untilEnded();
    }
  }),
  claim('a password longer than the frame ends the connection', async ({ open }) => {
    const client = await open();
    const body = jute((writer) => {
      writer.writeRaw(encode(encodeConnectRequest, request).subarray(0, 24));
      writer.writeInt(1_000);
      writer.writeRaw(Buffer.alloc(16));
    });
    client.write(frame(body));
    await client.untilEnded();
  }),
  claim('a session that never was is expired', async ({ open }) => {
    const client = await open();
    const sessionId = 0x7700_0000_0000_0001n;
    const password = generateSessionPassword(sessionId);
    expect(await client.handshake({ sessionId, password })).toMatchObject(NO_SESSION);
    await client.untilEnded();
  }),
  claim('a wrong password is expired, too, and does not hurt the session', async ({ connect, open, root }) => {
    const owner = await connect();
    for (const password of [Buffer.alloc(16), Buffer.alloc(0), owner.password.subarray(0, 15), Buffer.alloc(16, 7)]) {
      const thief = await open();
      expect(await thief.handshake({ sessionId: owner.sessionId, password })).toMatchObject(NO_SESSION);
      await thief.untilEnded();
    }
    const again = await connect(owner.credentials);
    expect(again.sessionId).toBe(owner.sessionId);
    ok(await again.exists(root));
  }),
  claim('an expired session is told in the form the client speaks', async ({ open }) => {
    const client = await open();
    await client.handshake({ sessionId: 1n, hasReadOnly: false });
    expect(client.handshakeBytes).toBe(36);
  }),
);
