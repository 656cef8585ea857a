import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nullableBytes, statPersisted, text } from './__fixtures__/arbitraries.js';
import { capturedFile } from './__fixtures__/captured.js';
import {
  addNodeDigest,
  decodeTxnRecord,
  LogReader,
  nodeDigest,
  removeNodeDigest,
  SnapshotStreamDecoder,
  type StatPersisted,
} from './index.js';

/** The same digest written to be obvious rather than fast. */
function obviousDigest(path: string, data: Buffer | null, stat: StatPersisted): number {
  const fields = Buffer.alloc(60);
  fields.writeBigInt64BE(stat.czxid, 0);
  fields.writeBigInt64BE(stat.mzxid, 8);
  fields.writeBigInt64BE(stat.pzxid, 16);
  fields.writeBigInt64BE(BigInt(stat.ctime), 24);
  fields.writeBigInt64BE(BigInt(stat.mtime), 32);
  fields.writeInt32BE(stat.version, 40);
  fields.writeInt32BE(stat.cversion, 44);
  fields.writeInt32BE(stat.aversion, 48);
  fields.writeBigInt64BE(stat.ephemeralOwner, 52);
  return crc32(Buffer.concat([Buffer.from(path), data ?? Buffer.alloc(0), fields]));
}

const blank: StatPersisted = {
  czxid: 0n,
  mzxid: 0n,
  ctime: 0,
  mtime: 0,
  version: 0,
  cversion: 0,
  aversion: 0,
  ephemeralOwner: 0n,
  pzxid: 0n,
};

describe('the tree digest', () => {
  it('of a tree that Apache wrote is the one Apache computed', () => {
    const decoder = new SnapshotStreamDecoder({ form: 'file' });
    let sum = 0n;
    for (const item of decoder.push(capturedFile('snapshot.bin'))) {
      if (item.kind === 'node') sum = addNodeDigest(sum, nodeDigest(item.path, item.data, item.stat));
    }
    const { digest } = decoder.end();
    expect(sum).toBe(digest!.treeDigest);
    const logged = new LogReader().push(capturedFile('log.bin')).map(({ bytes }) => decodeTxnRecord(bytes));
    expect(logged.find(({ header }) => header.zxid === digest!.zxid)!.digest!.treeDigest).toBe(sum);
  });

  it('leaves out what is below /zookeeper, but not /zookeeper itself', () => {
    expect(nodeDigest('/zookeeper/quota', null, blank)).toBe(0);
    expect(nodeDigest('/zookeeper', null, blank)).toBe(obviousDigest('/zookeeper', null, blank));
    expect(nodeDigest('/zookeepers', null, blank)).not.toBe(0);
  });

  it('takes both names of the root for one', () => {
    expect(nodeDigest('/', null, blank)).toBe(nodeDigest('', null, blank));
  });

  it('wraps around as a signed long', () => {
    const largest = 2n ** 63n - 1n;
    expect(addNodeDigest(largest, 1)).toBe(-(2n ** 63n));
    expect(removeNodeDigest(-(2n ** 63n), 1)).toBe(largest);
    expect(removeNodeDigest(addNodeDigest(5n, 0xffff_ffff), 0xffff_ffff)).toBe(5n);
  });

  it('agrees with its obvious twin', () => {
    fc.assert(
      fc.property(text, nullableBytes, statPersisted, (name, data, stat) => {
        const path = `/${name}`;
        fc.pre(path !== '/');
        expect(nodeDigest(path, data, stat)).toBe(obviousDigest(path, data, stat));
      }),
    );
    for (const path of [`/${'long'.repeat(300)}`, `/${'ü中😀'.repeat(300)}`]) {
      expect(nodeDigest(path, null, blank)).toBe(obviousDigest(path, null, blank));
    }
  });
});
