import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aclList, cut, int, long, nullableBytes, safe, statPersisted, text } from '../__fixtures__/arbitraries.js';
import { capturedFile, hasEncodedSurrogates, inChunks } from '../__fixtures__/captured.js';
import {
  adler32,
  CONTAINER_OWNER,
  encodeSnapshotAcl,
  encodeSnapshotAclCount,
  encodeSnapshotEnd,
  encodeSnapshotHeader,
  encodeSnapshotNode,
  encodeSnapshotSession,
  encodeSnapshotSessionCount,
  JuteWriter,
  OPEN_ACL_INDEX,
  SnapshotError,
  SnapshotFileFrame,
  SnapshotStreamDecoder,
  ttlOwner,
  type SnapshotItem,
  type SnapshotTrailer,
} from '../index.js';

const captured = capturedFile('snapshot.bin');

function readFile(file: Buffer, chunkBytes = file.length): { items: SnapshotItem[]; trailer: SnapshotTrailer } {
  const decoder = new SnapshotStreamDecoder({ form: 'file' });
  const items = inChunks(file, Math.max(1, chunkBytes)).flatMap((chunk) => decoder.push(chunk));
  return { items, trailer: decoder.end() };
}

function encodeBody(items: readonly SnapshotItem[]): Buffer {
  const writer = new JuteWriter(64);
  const sessions = items.filter((item) => item.kind === 'session');
  const acls = items.filter((item) => item.kind === 'acl');
  encodeSnapshotSessionCount(writer, sessions.length);
  for (const { sessionId, timeoutMs } of sessions) encodeSnapshotSession(writer, sessionId, timeoutMs);
  encodeSnapshotAclCount(writer, acls.length);
  for (const { index, acl } of acls) encodeSnapshotAcl(writer, index, acl);
  for (const item of items) {
    if (item.kind === 'node') encodeSnapshotNode(writer, item.path, item.data, item.aclIndex, item.stat);
  }
  encodeSnapshotEnd(writer);
  return writer.toBuffer();
}

function encodeFile(items: readonly SnapshotItem[], trailer: SnapshotTrailer): Buffer {
  const file = new SnapshotFileFrame();
  return Buffer.concat([
    file.header(),
    ...inChunks(encodeBody(items), 50).map((piece) => file.body(piece)),
    file.trailer(trailer),
  ]);
}

const noTrailer: SnapshotTrailer = { digest: null, lastProcessedZxid: null };
const digest = { zxid: 5n, version: 2, treeDigest: -7n };
const small: SnapshotItem[] = [
  { kind: 'session', sessionId: 9n, timeoutMs: 4000 },
  { kind: 'acl', index: 1, acl: [{ perms: 31, id: { scheme: 'world', id: 'anyone' } }] },
  {
    kind: 'node',
    path: '',
    data: Buffer.from('root'),
    aclIndex: OPEN_ACL_INDEX,
    stat: {
      czxid: 0n,
      mzxid: 0n,
      ctime: 0,
      mtime: 0,
      version: 0,
      cversion: 0,
      aversion: 0,
      ephemeralOwner: 0n,
      pzxid: 0n,
    },
  },
];

describe('a snapshot that Apache wrote', () => {
  const { items, trailer } = readFile(captured);
  const nodes = new Map(items.flatMap((item) => (item.kind === 'node' ? [[item.path, item] as const] : [])));

  it('holds what its client had made', () => {
    expect(items.filter(({ kind }) => kind === 'session')).toHaveLength(1);
    expect([...nodes.keys()]).toEqual(
      expect.arrayContaining(['', '/app', '/app/ü中', '/app/job-0000000001', '/zookeeper/config']),
    );
    expect(nodes.get('/app')!.data).toEqual(Buffer.from('config 2'));
    expect(nodes.get('/app/empty')!.data).toBeNull();
    expect(nodes.get('/app/box')!.stat.ephemeralOwner).toBe(CONTAINER_OWNER);
    expect(nodes.get('/app/brief')!.stat.ephemeralOwner).toBe(ttlOwner(3_600_000n));
    expect(nodes.get('')!.aclIndex).toBe(OPEN_ACL_INDEX);
    // A list that says the same as no list is in the table all the same.
    expect(nodes.get('/app')!.aclIndex).toBeGreaterThan(0);
    expect(trailer).toEqual({
      digest: { zxid: 23n, version: 2, treeDigest: expect.any(BigInt) },
      lastProcessedZxid: null,
    });
  });

  it.each([1, 2, 13, 100, 1000])('reads the same %i bytes at a time', (size) => {
    expect(readFile(captured, size)).toEqual({ items, trailer });
  });

  it('is what our encoder makes of its items', () => {
    expect(hasEncodedSurrogates(captured)).toBe(false);
    expect(encodeFile(items, trailer)).toEqual(captured);
  });

  it('is refused when it ends too early', () => {
    for (let length = 0; length < captured.length; length++) {
      // Without its digest and the second seal it is a snapshot of an older server.
      if (length === captured.length - 33) continue;
      expect(() => readFile(captured.subarray(0, length))).toThrow(SnapshotError);
    }
  });

  it('is refused when any byte is damaged', () => {
    for (let at = 0; at < captured.length; at++) {
      const damaged = Buffer.from(captured);
      damaged[at]! ^= 0x10;
      const isIgnored = captured.length - at <= 1 || at === captured.length - 34;
      // The character in a seal is under the next seal at most; the last one is under none.
      if (isIgnored) continue;
      expect(() => readFile(damaged), `byte ${at}`).toThrow(SnapshotError);
    }
  });
});

describe('the file form', () => {
  it.each([
    ['no digest (before 3.6)', noTrailer],
    ['a digest (since 3.6)', { digest, lastProcessedZxid: null }],
    ['a digest and the last zxid (since 3.9)', { digest, lastProcessedZxid: 0x5_0000_0001n }],
    ['the last zxid alone (digests off)', { digest: null, lastProcessedZxid: 9n }],
  ])('is read with %s', (_, trailer) => {
    const file = encodeFile(small, trailer);
    for (const size of [file.length, 1, 17]) expect(readFile(file, size)).toEqual({ items: small, trailer });
  });

  it('is read with the text digest of version 1', () => {
    const writer = new JuteWriter();
    const file = encodeFile(small, noTrailer);
    writer.writeLong(5n);
    writer.writeInt(1);
    writer.writeString('1f');
    const text = writer.toBuffer();
    writer.writeLongFromNumber(adler32(text, adler32(file)));
    writer.writeString('/');
    expect(readFile(Buffer.concat([file, text, writer.toBuffer()])).trailer.digest).toEqual({
      zxid: 5n,
      version: 1,
      treeDigest: 0x1fn,
    });
  });

  it('may go on with what newer servers add', () => {
    const trailer = { digest, lastProcessedZxid: 9n };
    const file = Buffer.concat([encodeFile(small, trailer), Buffer.alloc(1000, 7)]);
    expect(readFile(file, 100).trailer).toEqual(trailer);
  });

  it('is told from other files by its magic', () => {
    expect(() => readFile(Buffer.alloc(40, 'x'))).toThrow('expected the magic "ZKSN", got 0x78787878');
  });
});

describe('bad shapes', () => {
  const push = (hex: string) => (): unknown =>
    new SnapshotStreamDecoder({ form: 'network' }).push(Buffer.from(hex.replaceAll(' ', ''), 'hex'));

  it('a negative count', () => expect(push('ffffffff')).toThrow('expected a count of 0 or more, got -1'));
  it('a null list in the ACL table', () =>
    expect(push('00000000 00000001 0000000000000001 ffffffff')).toThrow(
      'expected a list of ACLs in the table, got null',
    ));
  it('a null path', () =>
    expect(push('00000000 00000000 ffffffff')).toThrow('expected a string, the record holds null'));
  it('a length over the limit', () => {
    const decode = push('00000000 00000000 00000000 7fffffff');
    expect(decode).toThrow(SnapshotError);
    expect(decode).toThrow('the record announces 2147483647 (at byte 8 of the snapshot)');
  });
});

describe('the network form', () => {
  it('says where it ends, and keeps what follows', () => {
    const body = encodeBody(small);
    const stream = Buffer.concat([body, Buffer.from('what follows')]);
    for (const size of [1, 3, 1000]) {
      const decoder = new SnapshotStreamDecoder({ form: 'network' });
      const items: SnapshotItem[] = [];
      const rest: Buffer[] = [];
      for (const chunk of inChunks(stream, size)) {
        if (decoder.done) {
          rest.push(chunk);
          continue;
        }
        items.push(...decoder.push(chunk));
        if (decoder.done) rest.push(decoder.takeRest());
      }
      expect(items).toEqual(small);
      expect(decoder.consumedBytes).toBe(body.length);
      expect(Buffer.concat(rest).toString()).toBe('what follows');
    }
  });

  it('takes no bytes after its end, and has nothing behind it before', () => {
    const decoder = new SnapshotStreamDecoder({ form: 'network' });
    expect(() => decoder.takeRest()).toThrow(RangeError);
    decoder.push(encodeBody(small));
    expect(() => decoder.push(Buffer.alloc(1))).toThrow(RangeError);
  });
});

describe('every snapshot', () => {
  const session = fc.record({ kind: fc.constant('session' as const), sessionId: long, timeoutMs: int });
  const acl = fc.record({ kind: fc.constant('acl' as const), index: safe, acl: aclList });
  const node = fc.record({
    kind: fc.constant('node' as const),
    path: text.filter((path) => path !== '/'),
    data: nullableBytes,
    aclIndex: safe,
    stat: statPersisted,
  });
  const items = fc
    .tuple(fc.array(session, { maxLength: 3 }), fc.array(acl, { maxLength: 3 }), fc.array(node, { maxLength: 5 }))
    .map(([sessions, acls, nodes]): SnapshotItem[] => [...sessions, ...acls, ...nodes]);
  const trailers = fc.record({
    digest: fc.option(fc.record({ zxid: long, version: fc.integer({ min: 2, max: 9 }), treeDigest: long }), {
      nil: null,
    }),
    lastProcessedZxid: fc.option(long, { nil: null }),
  });

  it('comes back as it went, wherever the file is cut', () => {
    const files = fc.tuple(items, trailers).chain(([all, trailer]) => {
      const file = encodeFile(all, trailer);
      return fc.tuple(fc.constant(all), fc.constant(trailer), cut(file));
    });
    fc.assert(
      fc.property(files, ([all, trailer, chunks]) => {
        const decoder = new SnapshotStreamDecoder({ form: 'file' });
        expect(chunks.flatMap((chunk) => decoder.push(chunk))).toEqual(all);
        expect(decoder.end()).toEqual(trailer);
      }),
    );
  });
});

describe('the header of a snapshot', () => {
  it('is the one Apache writes', () => {
    const writer = new JuteWriter();
    encodeSnapshotHeader(writer);
    expect(writer.toBuffer()).toEqual(captured.subarray(0, 16));
  });
});
