import { describe, expect, it } from 'vitest';
import { DigestCheck, type DigestMismatch } from './digest-check.js';

const digest = (treeDigest: bigint) => ({ version: 2, treeDigest });

function checker(): { check: DigestCheck; reports: DigestMismatch[] } {
  const reports: DigestMismatch[] = [];
  return { check: new DigestCheck((mismatch) => reports.push(mismatch)), reports };
}

describe('the digest check', () => {
  it('reports the transaction after which a state that was exact differs', () => {
    const { check, reports } = checker();
    check.applied(1n, digest(10n), 10n);
    check.applied(2n, digest(20n), 21n);
    expect(reports).toEqual([{ zxid: 2n, expected: 20n, actual: 21n, standing: 'proven', inSuccession: 1 }]);
    expect(check.mismatches).toBe(1);
  });

  it('has nothing to say about a transaction without digest or with one of another version', () => {
    const { check, reports } = checker();
    check.applied(1n, null, 5n);
    check.applied(2n, { version: 3, treeDigest: 6n }, 5n);
    expect(reports).toEqual([]);
  });

  it('waits for the end of a fuzzy snapshot, and compares with what stands there', () => {
    const { check, reports } = checker();
    check.loaded(10n, { zxid: 12n, ...digest(7n) }, 999n);
    check.applied(11n, digest(5n), 6n);
    expect(reports).toEqual([]);
    check.applied(12n, digest(7n), 8n);
    check.applied(13n, digest(8n), 9n);
    expect(reports).toEqual([
      { zxid: 12n, expected: 7n, actual: 8n, standing: 'proven', inSuccession: 1 },
      { zxid: 13n, expected: 8n, actual: 9n, standing: 'proven', inSuccession: 2 },
    ]);
  });

  it('compares a snapshot that was not fuzzy with its own digest, and blames it once the next transaction differs too', () => {
    const { check, reports } = checker();
    check.loaded(10n, { zxid: 10n, ...digest(7n) }, 8n);
    check.applied(11n, null, 8n);
    expect(reports).toEqual([]);
    check.applied(12n, digest(8n), 9n);
    expect(reports.map(({ zxid, standing }) => `${zxid} ${standing}`)).toEqual(['10 proven', '12 proven']);
  });

  it('acquits a snapshot that was one transaction ahead of its digest, as those of Apache may be', () => {
    const { check, reports } = checker();
    check.loaded(10n, { zxid: 10n, ...digest(7n) }, 8n);
    check.applied(11n, digest(8n), 8n);
    expect(reports).toEqual([]);
    check.loaded(10n, { zxid: 12n, ...digest(7n) }, 8n);
    check.applied(11n, digest(3n), 8n);
    check.applied(12n, digest(7n), 8n);
    check.applied(13n, digest(8n), 8n);
    expect(check.mismatches).toBe(0);
  });

  it('calls a difference unproven while nobody knows whether the snapshot was fuzzy, until one digest agrees', () => {
    const { check, reports } = checker();
    check.loaded(10n, null, 1n);
    check.applied(11n, digest(5n), 6n);
    check.applied(12n, digest(7n), 7n);
    check.applied(13n, digest(8n), 9n);
    expect(reports.map(({ zxid, standing }) => [zxid, standing])).toEqual([
      [11n, 'unproven'],
      [13n, 'proven'],
    ]);
  });

  it('takes no notice of a snapshot digest from before the snapshot', () => {
    const { check, reports } = checker();
    check.loaded(10n, { zxid: 9n, ...digest(7n) }, 8n);
    check.applied(11n, digest(8n), 8n);
    expect(reports).toEqual([]);
  });

  it('takes no notice of a snapshot of a server that knew no digest yet', () => {
    const { check, reports } = checker();
    check.loaded(0n, { zxid: 0n, ...digest(0n) }, 8n);
    expect(reports).toEqual([]);
  });

  it('counts how many transactions in a row differ, since some leaders err once and a state that is wrong stays so', () => {
    const { check, reports } = checker();
    for (const [zxid, actual] of [1n, 1n, 2n, 1n].entries()) check.applied(BigInt(zxid), digest(2n), actual);
    expect(reports.map(({ inSuccession }) => inSuccession)).toEqual([1, 2, 1]);
  });

  it('takes a mistake of the leader for one, and what those behind inherit of it, but no other difference', () => {
    const reports: string[] = [];
    const check = new DigestCheck(
      ({ zxid, standing }) => reports.push(`${zxid} ${standing}`),
      (expected, actual) => expected === 99n && actual === 1n,
    );
    for (const [zxid, expected, actual] of [
      [1n, 99n, 1n],
      [2n, 100n, 2n],
      [3n, 100n, 3n],
      [4n, 5n, 5n],
      [5n, 103n, 5n],
    ] as const) {
      check.applied(zxid, digest(expected), actual);
    }
    expect(reports).toEqual(['1 unproven', '2 unproven', '3 proven', '5 proven']);
  });

  it('keeps one digest per 128 transactions, the last 1024', () => {
    const { check } = checker();
    for (let zxid = 1n; zxid <= 128n * 1030n; zxid++) check.applied(zxid, null, zxid);
    expect(check.history).toHaveLength(1024);
    expect(check.history.at(-1)).toEqual({ zxid: 128n * 1030n, digest: 128n * 1030n });
  });
});
