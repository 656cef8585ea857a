/** multi (14): all or nothing. */
import {
  CreateMode,
  encodeMultiRequest,
  encodeMultiResponse,
  encodeMultiReadRequest,
  type MultiWriteOp,
  OpCode,
  Perms,
} from '@menagerie/zookeeper-protocol';
import { expect } from 'vitest';
import { type CreateOptions, createRequest, encode, ok } from '../client/client.js';
import { about, claim } from '../suite/claim.js';
import { expectError, jute, worldBut } from './support.js';

const create = (path: string, options?: CreateOptions): MultiWriteOp => ({
  type: OpCode.create,
  request: createRequest(path, options),
});
const remove = (path: string, version = -1): MultiWriteOp => ({ type: OpCode.delete, request: { path, version } });
const set = (path: string, data: string, version = -1): MultiWriteOp => ({
  type: OpCode.setData,
  request: { path, data: Buffer.from(data), version },
});
const check = (path: string, version = -1): MultiWriteOp => ({ type: OpCode.check, request: { path, version } });

const failed = (err: number) => ({ type: OpCode.error, err });
const [OK, INCONSISTENT] = [0, -2];

export const multi = about(
  'multi',
  claim('an empty one succeeds with nothing', async ({ client }) => {
    expect(ok(await client.multi([]))).toEqual([]);
  }),
  claim('results come in order, each in the shape of its operation', async ({ client, root }) => {
    const results = ok(
      await client.multi([
        create(`${root}/a`, { data: 'x' }),
        set(`${root}/a`, 'yy'),
        check(`${root}/a`, 1),
        create(`${root}/b`),
        remove(`${root}/b`, 0),
      ]),
    );
    const stat = ok(await client.exists(`${root}/a`));
    expect(results).toEqual([
      { type: OpCode.create, path: `${root}/a` },
      { type: OpCode.setData, stat },
      { type: OpCode.check },
      { type: OpCode.create, path: `${root}/b` },
      { type: OpCode.delete },
    ]);
  }),
  claim('all of it has one zxid', async ({ client, root }) => {
    const before = ok(await client.setData(root, 'x')).mzxid;
    const answer = await client.multi([create(`${root}/a`), create(`${root}/b`), set(root, 'y')]);
    ok(answer);
    expect(answer.zxid).toBe(before + 1n);
    expect(ok(await client.exists(`${root}/a`)).czxid).toBe(before + 1n);
    expect(ok(await client.exists(`${root}/b`)).czxid).toBe(before + 1n);
    expect(ok(await client.exists(root))).toMatchObject({ mzxid: before + 1n, pzxid: before + 1n, cversion: 2 });
    expect(ok(await client.setData(root, 'z')).mzxid).toBe(before + 2n);
  }),
  claim('operations see what earlier ones did', async ({ client, root }) => {
    ok(await client.create(`${root}/old`));
    const results = ok(
      await client.multi([
        create(`${root}/a`),
        create(`${root}/a/b`),
        set(`${root}/a`, 'x', 0),
        set(`${root}/a`, 'y', 1),
        remove(`${root}/old`),
        create(`${root}/old`, { data: 'new' }),
        check(`${root}/old`, 0),
      ]),
    );
    expect(results.map(({ type }) => type)).not.toContain(OpCode.error);
    expect(ok(await client.exists(`${root}/a`))).toMatchObject({ version: 2, numChildren: 1 });
    expect(ok(await client.getData(`${root}/old`)).data).toEqual(Buffer.from('new'));
  }),
  claim('a failure is told in the results and not in the header', async ({ client, root }) => {
    const answer = await client.multi([create(`${root}/a`), set(root, 'x', 7), create(`${root}/b`), remove(root)]);
    expectError(answer, 'Ok');
    expect(answer.value).toEqual([failed(OK), failed(-103), failed(INCONSISTENT), failed(INCONSISTENT)]);
  }),
  claim('the error of a result is in its header and in its body', async ({ client, root }) => {
    const body = encode(encodeMultiRequest, { ops: [check(root, 9)] });
    const reply = await client.request(OpCode.multi, body);
    expect(reply.body).toEqual(encode(encodeMultiResponse, { results: [{ type: OpCode.error, err: -103 }] }));
  }),
  claim('a failed one changes nothing', async ({ client, root }) => {
    ok(await client.create(`${root}/kept`));
    const before = ok(await client.exists(root));
    ok(await client.multi([create(`${root}/a`), remove(`${root}/kept`), set(root, 'x'), check(`${root}/none`)]));
    expect(ok(await client.exists(root))).toEqual(before);
    expect(ok(await client.getChildren(root))).toEqual(['kept']);
  }),
  claim('a failed one takes a zxid and leaves no trace in sequence numbers', async ({ client, root }) => {
    const flags = CreateMode.persistentSequential;
    const first = await client.create(`${root}/s-`, { flags });
    const multi = await client.multi([
      create(`${root}/s-`, { flags }),
      create(`${root}/s-`, { flags }),
      check(root, 9),
    ]);
    expect(multi.zxid).toBe(first.zxid + 1n);
    expect(ok(await client.create(`${root}/s-`, { flags }))).toBe(`${root}/s-0000000001`);
  }),
  claim('requests in flight behind a failed one see the tree without it', async ({ client, root }) => {
    const flags = CreateMode.persistentSequential;
    const answers = [
      client.create(`${root}/s-`, { flags }),
      client.multi([create(`${root}/s-`, { flags }), create(`${root}/a`), check(root, 9)]),
      client.create(`${root}/s-`, { flags }),
      client.create(`${root}/a`),
    ] as const;
    expect(ok(await answers[0])).toBe(`${root}/s-0000000000`);
    ok(await answers[1]);
    expect(ok(await answers[2])).toBe(`${root}/s-0000000001`);
    ok(await answers[3]);
  }),
  claim('sequence numbers go on from one operation to the next', async ({ client, root }) => {
    const flags = CreateMode.persistentSequential;
    const results = ok(
      await client.multi([create(`${root}/s-`, { flags }), create(`${root}/x`), create(`${root}/s-`, { flags })]),
    );
    expect(results).toMatchObject([{ path: `${root}/s-0000000000` }, {}, { path: `${root}/s-0000000002` }]);
  }),
  claim('each operation can fail the way it does alone', async ({ client, root }) => {
    ok(await client.create(`${root}/full`));
    ok(await client.create(`${root}/full/child`));
    ok(await client.create(`${root}/closed`, { acl: [worldBut(Perms.ALL)] }));
    ok(await client.create(`${root}/e`, { flags: CreateMode.ephemeral }));
    const failures: [MultiWriteOp, number][] = [
      [create(`${root}/full`), -110],
      [create(`${root}/no/child`), -101],
      [create(`${root}/e/child`), -108],
      [create(`${root}/a`, { acl: [] }), -114],
      [create(`${root}/\u0001`), -8],
      [create(`${root}/closed/a`), -102],
      [remove(`${root}/full`), -111],
      [remove(`${root}/none`), -101],
      [remove('/zookeeper'), -8],
      [set(`${root}/full`, 'x', 9), -103],
      [set(`${root}/`, 'x'), -8],
      [set(`${root}/closed`, 'x'), -102],
      [check(`${root}/full`, 9), -103],
      [check(`${root}/none`, -1), -101],
      [check(`${root}/closed`, -1), -102],
    ];
    for (const [op, err] of failures) expect(ok(await client.multi([op]))).toEqual([failed(err)]);
  }),
  claim('a check of version -1 asks only whether the node is there', async ({ client, root }) => {
    expect(ok(await client.multi([check(root, -1), check(root, 0)]))).toEqual([
      { type: OpCode.check },
      { type: OpCode.check },
    ]);
  }),
  claim('create2 is answered as create', async ({ client, root }) => {
    const op: MultiWriteOp = { type: OpCode.create2, request: createRequest(`${root}/a`) };
    expect(ok(await client.multi([op]))).toEqual([{ type: OpCode.create, path: `${root}/a` }]);
  }),
  claim('createContainer and createTTL are answered as create2, with the stat', async ({ client, root }) => {
    const results = ok(
      await client.multi([
        { type: OpCode.createContainer, request: createRequest(`${root}/c`, { flags: CreateMode.container }) },
        {
          type: OpCode.createTtl,
          request: { ...createRequest(`${root}/t`, { flags: CreateMode.persistentWithTtl }), ttlMs: 3_600_000n },
        },
      ]),
    );
    expect(results).toEqual([
      { type: OpCode.create2, path: `${root}/c`, stat: ok(await client.exists(`${root}/c`)) },
      { type: OpCode.create2, path: `${root}/t`, stat: ok(await client.exists(`${root}/t`)) },
    ]);
  }),
  claim('the flags decide what is created, not the operation', async ({ client, root }) => {
    const op: MultiWriteOp = {
      type: OpCode.create,
      request: createRequest(`${root}/c`, { flags: CreateMode.container }),
    };
    expect(ok(await client.multi([op]))).toMatchObject([{ type: OpCode.create2, path: `${root}/c` }]);
    const other: MultiWriteOp = { type: OpCode.createContainer, request: createRequest(`${root}/p`) };
    expect(ok(await client.multi([other]))).toMatchObject([{ type: OpCode.create, path: `${root}/p` }]);
  }),
  claim('flags without a meaning are BadArguments', async ({ client, root }) => {
    expect(ok(await client.multi([create(`${root}/a`, { flags: 99 })]))).toEqual([failed(-8)]);
  }),
  claim('ephemeral nodes belong to the session', async ({ client, root }) => {
    ok(await client.multi([create(`${root}/e`, { flags: CreateMode.ephemeral })]));
    expect(ok(await client.exists(`${root}/e`)).ephemeralOwner).toBe(client.sessionId);
  }),
  claim('every operation fires its own watches, in order, before the answer', async ({ client, root }) => {
    ok(await client.create(`${root}/a`));
    ok(await client.getData(`${root}/a`, true));
    expectError(await client.exists(`${root}/b`, true), 'NoNode');
    ok(await client.getChildren(root, true));
    ok(await client.multi([set(`${root}/a`, 'x'), create(`${root}/b`), remove(`${root}/a`)]));
    const arrived = client.transcript.slice(-4).map((message) => (message.kind === 'event' ? message.type : 'reply'));
    expect(arrived).toEqual(['NodeDataChanged', 'NodeCreated', 'NodeChildrenChanged', 'reply']);
  }),
  claim('a failed one fires no watch', async ({ client, root }) => {
    ok(await client.getData(root, true));
    ok(await client.multi([set(root, 'x'), check(root, 9)]));
    expect(await client.takeEvents()).toEqual([]);
  }),
  claim('reads in it are a marshalling error', async ({ client, root }) => {
    const body = encode(encodeMultiReadRequest, {
      ops: [{ type: OpCode.getData, request: { path: root, watch: false } }],
    });
    expectError(await client.request(OpCode.multi, body), 'MarshallingError');
    ok(await client.exists(root));
  }),
  claim('operations it does not know are a marshalling error', async ({ client, root }) => {
    for (const type of [OpCode.setAcl, OpCode.sync, OpCode.multi, OpCode.deleteContainer, OpCode.error, 99]) {
      const body = jute((writer) => (writer.writeInt(type), writer.writeBool(false), writer.writeInt(-1)));
      expectError(await client.request(OpCode.multi, body), 'MarshallingError');
    }
    ok(await client.exists(root));
  }),
  claim('a body without its end is a marshalling error', async ({ client, root }) => {
    const whole = encode(encodeMultiRequest, { ops: [create(`${root}/a`)] });
    for (const length of [0, 5, whole.length - 9, whole.length - 1]) {
      expectError(await client.request(OpCode.multi, whole.subarray(0, length)), 'MarshallingError');
    }
    expectError(await client.exists(`${root}/a`), 'NoNode');
  }),
  claim('a large one works', async ({ client, root }) => {
    const ops = Array.from({ length: 2_000 }, (_none, index) => create(`${root}/n${index}`));
    expect(ok(await client.multi(ops))).toHaveLength(2_000);
    expect(ok(await client.exists(root))).toMatchObject({ numChildren: 2_000, cversion: 2_000 });
  }),
);
