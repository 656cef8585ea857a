import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytes, int, long, nullableAclList, nullableBytes, safe, text, texts } from '../__fixtures__/arbitraries.js';
import { capturedFile, hasEncodedSurrogates } from '../__fixtures__/captured.js';
import {
  decodeTxnRecord,
  encodeTxnRecord,
  ErrorCode,
  JuteWriter,
  LogReader,
  OPEN_ACL,
  OpCode,
  opCodeName,
  encodeAclList,
  type Txn,
  type TxnHeader,
} from '../index.js';
import { encodeTxnHeader } from './codec.js';

const records = new LogReader().push(capturedFile('log.bin')).map(({ bytes: record }) => record);
const named = records.map((record) => {
  const { header } = decodeTxnRecord(record);
  return { name: `${opCodeName(header.type)} 0x${header.zxid.toString(16)}`, record };
});

const headerOf = (type: number): TxnHeader => ({ clientId: -2n, cxid: 3, zxid: 0x1_0000_0005n, timeMs: 1e12, type });

/** A record whose body is written by hand. */
function recordOf(type: number, writeBody: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter();
  encodeTxnHeader(writer, headerOf(type));
  writeBody(writer);
  return writer.toBuffer();
}

describe('transactions Apache logged', () => {
  it('are of the kinds its client can cause', () => {
    const types = new Set(records.map((record) => opCodeName(decodeTxnRecord(record).header.type)));
    expect([...types].sort()).toEqual(
      [
        'closeSession',
        'create',
        'create2',
        'createContainer',
        'createSession',
        'createTtl',
        'delete',
        'error',
        'multi',
        'setAcl',
        'setData',
      ].sort(),
    );
  });

  it.each(named)('are decoded and encoded to the same bytes: $name', ({ record }) => {
    const { header, txn, digest } = decodeTxnRecord(record);
    const again = encodeTxnRecord(header, txn, digest);
    if (hasEncodedSurrogates(record)) expect(decodeTxnRecord(again)).toEqual({ header, txn, digest });
    else expect(again).toEqual(record);
  });

  it('of a failed multi still list what went before the failure', () => {
    const failed = records
      .map((record) => decodeTxnRecord(record).txn)
      .find((txn) => txn.type === OpCode.multi && txn.ops.some(({ type }) => type === OpCode.error));
    expect(failed).toMatchObject({
      ops: [
        { type: OpCode.setData, path: '/app' },
        { type: OpCode.error, err: ErrorCode.NoNode },
        { type: OpCode.error, err: ErrorCode.RuntimeInconsistency },
      ],
    });
  });

  it('have no digest when nothing changed', () => {
    for (const record of records) {
      const { header, digest } = decodeTxnRecord(record);
      if (header.type === OpCode.error) expect(digest).toBeNull();
      else expect(digest).toMatchObject({ version: 2 });
    }
  });

  it('are views of the record', () => {
    const copy = Buffer.from(records[1]!);
    const { txn } = decodeTxnRecord(copy);
    expect(txn).toMatchObject({ type: OpCode.create, data: Buffer.from('config') });
    copy.fill(0);
    expect(txn).toMatchObject({ data: Buffer.alloc(6) });
  });
});

describe('older records', () => {
  it('of a creation lack the parent version', () => {
    const record = recordOf(OpCode.create, (writer) => {
      writer.writeString('/old');
      writer.writeBuffer(Buffer.from('x'));
      encodeAclList(writer, OPEN_ACL);
      writer.writeBool(true);
    });
    expect(decodeTxnRecord(record)).toEqual({
      header: headerOf(OpCode.create),
      txn: {
        type: OpCode.create,
        path: '/old',
        data: Buffer.from('x'),
        acl: OPEN_ACL,
        ephemeral: true,
        parentCVersion: -1,
      },
      digest: null,
    });
  });

  it('of a closed session have no body', () => {
    const record = recordOf(OpCode.closeSession, () => {});
    expect(decodeTxnRecord(record).txn).toEqual({ type: OpCode.closeSession, paths: null });
    expect(encodeTxnRecord(headerOf(OpCode.closeSession), { type: OpCode.closeSession, paths: null }, null)).toEqual(
      record,
    );
  });

  it('of a closed session may have a digest in the place of a body', () => {
    const digest = { version: 2, treeDigest: 0x1_0000_0002n };
    const closeSession = { type: OpCode.closeSession, paths: null };
    const record = encodeTxnRecord(headerOf(OpCode.closeSession), closeSession, digest);
    expect(decodeTxnRecord(record)).toMatchObject({ txn: closeSession, digest });
  });

  it('of a closed session are not mistaken when their paths take as many bytes as a digest', () => {
    const closeSession = { type: OpCode.closeSession, paths: ['/abc'] };
    const record = encodeTxnRecord(headerOf(OpCode.closeSession), closeSession, null);
    expect(record).toHaveLength(32 + 12);
    expect(decodeTxnRecord(record)).toMatchObject({ txn: closeSession, digest: null });
  });
});

describe('bad records', () => {
  it('of an unknown type are refused', () => {
    expect(() => decodeTxnRecord(recordOf(99, () => {}))).toThrow(
      expect.objectContaining({ code: 'ZK_TXN_TYPE', type: 99 }),
    );
  });

  it('with a multi inside a multi are refused both ways', () => {
    const inner: Txn = { type: OpCode.multi, ops: [] };
    expect(() => encodeTxnRecord(headerOf(OpCode.multi), { type: OpCode.multi, ops: [inner] }, null)).toThrow(
      expect.objectContaining({ code: 'ZK_TXN_TYPE' }),
    );
    const record = recordOf(OpCode.multi, (writer) => {
      writer.writeInt(1);
      writer.writeInt(OpCode.multi);
      writer.writeBuffer(Buffer.alloc(4));
    });
    expect(() => decodeTxnRecord(record)).toThrow(expect.objectContaining({ code: 'ZK_TXN_TYPE' }));
  });

  it('with a sub-transaction that has no body are refused', () => {
    const record = recordOf(OpCode.multi, (writer) => {
      writer.writeInt(1);
      writer.writeInt(OpCode.delete);
      writer.writeBuffer(null);
    });
    expect(() => decodeTxnRecord(record)).toThrow(expect.objectContaining({ code: 'ZK_JUTE_NULL' }));
  });

  it('leave nothing behind that the next record would carry', () => {
    const good: Txn = { type: OpCode.delete, path: '/a' };
    const before = encodeTxnRecord(headerOf(OpCode.delete), good, null);
    const nested: Txn = { type: OpCode.multi, ops: [good, { type: OpCode.multi, ops: [] }] };
    expect(() => encodeTxnRecord(headerOf(OpCode.multi), nested, null)).toThrow();
    expect(encodeTxnRecord(headerOf(OpCode.delete), good, null)).toEqual(before);
  });

  it.each(named)('cut short in the body are refused or read as an older form: $name', ({ record }) => {
    const { header, txn, digest } = decodeTxnRecord(record);
    const end = record.length - (digest === null ? 0 : 12);
    for (let length = 0; length < end; length++) {
      const cut = record.subarray(0, length);
      let read: Txn;
      try {
        read = decodeTxnRecord(cut).txn;
      } catch (error) {
        expect(error).toMatchObject({ code: 'ZK_JUTE_TRUNCATED' });
        continue;
      }
      if (header.type === OpCode.closeSession) expect(read).toEqual({ type: header.type, paths: null });
      else expect(read).toEqual({ ...txn, parentCVersion: -1 });
    }
  });
});

describe('every transaction', () => {
  const creation = { path: text, data: nullableBytes, acl: nullableAclList, parentCVersion: int };
  const ofType = (type: number, fields: Record<string, fc.Arbitrary<unknown>>) =>
    fc.record({ type: fc.constant(type), ...fields });
  const simple = fc.oneof(
    ofType(OpCode.create, { ...creation, ephemeral: fc.boolean() }),
    ofType(OpCode.create2, { ...creation, ephemeral: fc.boolean() }),
    ofType(OpCode.createContainer, creation),
    ofType(OpCode.createTtl, { ...creation, ttlMs: long }),
    ofType(OpCode.delete, { path: text }),
    ofType(OpCode.deleteContainer, { path: text }),
    ofType(OpCode.setData, { path: text, data: nullableBytes, version: int }),
    ofType(OpCode.reconfig, { path: text, data: nullableBytes, version: int }),
    ofType(OpCode.setAcl, { path: text, acl: nullableAclList, version: int }),
    ofType(OpCode.check, { path: text, version: int }),
    ofType(OpCode.createSession, { timeoutMs: int }),
    ofType(OpCode.closeSession, { paths: texts }),
    ofType(OpCode.error, { err: int }),
  );
  const any = fc.oneof(simple, ofType(OpCode.multi, { ops: fc.array(simple, { maxLength: 4 }) }));
  const digests = fc.option(fc.record({ version: int, treeDigest: long }), { nil: null });

  it('comes back as it went, its digest too', () => {
    fc.assert(
      fc.property(long, int, long, safe, any, digests, (clientId, cxid, zxid, timeMs, anyTxn, digest) => {
        const txn = anyTxn as unknown as Txn;
        const header = { clientId, cxid, zxid, timeMs, type: txn.type };
        expect(decodeTxnRecord(encodeTxnRecord(header, txn, digest))).toEqual({ header, txn, digest });
      }),
      { numRuns: 300 },
    );
  });

  it('is never found in random bytes without an error of this library', () => {
    fc.assert(
      fc.property(bytes, (record) => {
        try {
          decodeTxnRecord(record);
        } catch (error) {
          expect(error).toHaveProperty('code', expect.stringMatching(/^ZK_(JUTE|TXN)_/));
        }
      }),
    );
  });
});
