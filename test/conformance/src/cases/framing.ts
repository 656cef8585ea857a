/** What is on the wire before anyone asks what it means: lengths, pieces, sizes, garbage. */
import { encodeSetDataRequest, OpCode } from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { encode, ok } from '../client/client.js';
import { encodeRequest } from '../client/raw-client.js';
import { about, claim } from '../suite/claim.js';
import { expectError } from './support.js';

/** Apache's `jute.maxbuffer`. */
const MAX_FRAME_BYTES = 0xfffff;

const length = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const IMPOSSIBLE = [-1, -0x80000000, MAX_FRAME_BYTES + 1, 0x7fffffff];

export const framing = about(
  'framing',
  claim('a length that can not be ends a fresh connection', async ({ open }) => {
    for (const value of IMPOSSIBLE) {
      const client = await open();
      client.write(length(value));
      await client.untilEnded();
    }
  }),
  claim("a length that can not be ends a session's connection, not the session", async ({ connect }) => {
    for (const value of IMPOSSIBLE) {
      const client = await connect();
      client.write(length(value));
      await client.untilEnded();
      expect((await connect(client.credentials)).sessionId).toBe(client.sessionId);
    }
  }),
  claim('requests in front of a bad length are obeyed', async ({ client, connect, root }) => {
    const other = await connect();
    const body = encode(encodeSetDataRequest, { path: root, data: Buffer.from('x'), version: -1 });
    other.write(Buffer.concat([encodeRequest(1, OpCode.setData, body), length(-1)]));
    await other.untilEnded();
    await expect.poll(async () => ok(await client.exists(root)).version).toBe(1);
  }),
  claim('an HTTP request ends the connection', async ({ open }) => {
    const client = await open();
    client.write(Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    await client.untilEnded();
  }),
  claim('an empty frame ends the connection', async ({ open, connect }) => {
    const fresh = await open();
    fresh.write(length(0));
    await fresh.untilEnded();
    const client = await connect();
    client.write(length(0));
    await client.untilEnded();
  }),
  claim('a frame shorter than a header ends the connection', async ({ connect }) => {
    for (const bytes of [1, 4, 7]) {
      const client = await connect();
      client.write(Buffer.concat([length(bytes), Buffer.alloc(bytes)]));
      await client.untilEnded();
    }
  }),
  claim('requests that arrive byte by byte are understood', async ({ client, root }) => {
    const body = encode(encodeSetDataRequest, { path: root, data: Buffer.from('x'), version: 0 });
    const xid = client.nextXid();
    const reply = client.expectReply(xid, OpCode.setData);
    for (const byte of encodeRequest(xid, OpCode.setData, body)) {
      client.write(Buffer.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expectError(await reply, 'Ok');
    expect(ok(await client.exists(root)).version).toBe(1);
  }),
  claim('many requests in one piece are answered in order', async ({ client, root }) => {
    const body = encode(encodeSetDataRequest, { path: root, data: Buffer.from('x'), version: -1 });
    const replies = client.requestAll(Array.from({ length: 500 }, () => ({ type: OpCode.setData, body })));
    for (const reply of replies) expectError(await reply, 'Ok');
    expect(ok(await client.exists(root)).version).toBe(500);
  }),
  claim('a frame of exactly the limit is taken', async ({ client, root }) => {
    const overhead = encodeRequest(
      1,
      5,
      encode(encodeSetDataRequest, { path: root, data: Buffer.alloc(0), version: -1 }),
    );
    const data = Buffer.alloc(MAX_FRAME_BYTES - (overhead.length - 4), 0x61);
    expect(ok(await client.setData(root, data)).dataLength).toBe(data.length);
    expect(ok(await client.getData(root)).data?.equals(data)).toBe(true);
  }),
  claim('a frame of one byte more ends the connection and is not obeyed', async ({ client, connect, root }) => {
    const other = await connect();
    const overhead = encodeRequest(
      1,
      5,
      encode(encodeSetDataRequest, { path: root, data: Buffer.alloc(0), version: -1 }),
    );
    const data = Buffer.alloc(MAX_FRAME_BYTES - (overhead.length - 4) + 1, 0x61);
    await expect(other.setData(root, data)).rejects.toThrow('closed');
    expect(ok(await client.exists(root)).version).toBe(0);
  }),
  claim('answers may be larger than requests', async ({ client, root }) => {
    const data = Buffer.alloc(900_000, 0x61);
    for (const name of ['a', 'b']) ok(await client.create(`${root}/${name}`, { data }));
    const read = (name: string) => ({ type: OpCode.getData, request: { path: `${root}/${name}`, watch: false } });
    expect(ok(await client.multiRead([read('a'), read('b')]))).toHaveLength(2);
  }),
  claim('a client that sends half a request and goes is forgotten', async ({ client, connect, root }) => {
    const other = await connect();
    const body = encode(encodeSetDataRequest, { path: root, data: Buffer.from('x'), version: -1 });
    other.write(encodeRequest(1, OpCode.setData, body).subarray(0, -1));
    other.crash();
    const again = await connect(other.credentials);
    expect(again.sessionId).toBe(other.sessionId);
    expect(ok(await client.exists(root)).version).toBe(0);
  }),
);
