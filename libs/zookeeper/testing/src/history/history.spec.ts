import type { Stat } from '@menagerie/zookeeper-protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { History } from './history.js';
import type { Call, Outcome } from './types.js';

let broken: string[];
let history: History;
beforeEach(() => {
  broken = [];
  history = new History((rule) => broken.push(rule));
});

const stat = (czxid: bigint, mzxid: bigint, version: number, ephemeralOwner = 0n): Stat => ({
  czxid,
  mzxid,
  ctime: 0,
  mtime: 0,
  version,
  cversion: 0,
  aversion: 0,
  ephemeralOwner,
  dataLength: 0,
  numChildren: 0,
  pzxid: czxid,
});

const base = { client: 'a', sessionId: 1n } as const;
let nowMs = 0;
function did(call: Partial<Call> & Pick<Call, 'kind' | 'path'>, outcome: Outcome): void {
  history.ended(history.begun({ ...base, ...call }, nowMs++), outcome);
}
const created = (path: string, zxid: bigint, value = `${path} made`, more: Partial<Call> = {}): void =>
  did({ kind: 'create', path, value, ...more }, { kind: 'done', zxid, path, stat: stat(zxid, zxid, 0) });
const read = (path: string, zxid: bigint, of: Stat, value: string, more: Partial<Call> = {}): void =>
  did({ kind: 'get', path, ...more }, { kind: 'done', zxid, stat: of, value });

const ONE_HISTORY = 'one history of each node';

describe('a history is found to be broken when', () => {
  it('a write gets a smaller zxid than one that was acknowledged before it began', () => {
    created('/a', 10n);
    created('/b', 9n, 'b', { client: 'b', sessionId: 2n });
    expect(broken).toEqual(['writes are linearizable']);
  });

  it('an acknowledged write is gone: an older state is read later', () => {
    created('/a', 10n, 'one');
    did({ kind: 'set', path: '/a', value: 'two' }, { kind: 'done', zxid: 11n, stat: stat(10n, 11n, 1) });
    read('/a', 12n, stat(10n, 10n, 0), 'one', { client: 'b', sessionId: 2n });
    expect(broken).toEqual([ONE_HISTORY]);
  });

  it('an acknowledged create is gone', () => {
    created('/a', 10n);
    did({ kind: 'get', path: '/a' }, { kind: 'refused', zxid: 12n, error: 'NoNode' });
    expect(broken).toEqual([ONE_HISTORY]);
  });

  it('a deleted node is there again', () => {
    created('/a', 10n, 'one');
    did({ kind: 'delete', path: '/a' }, { kind: 'done', zxid: 11n });
    read('/a', 13n, stat(10n, 10n, 0), 'one');
    expect(broken).toEqual([ONE_HISTORY]);
  });

  it('two servers tell of different changes at one zxid', () => {
    created('/a', 10n, 'one');
    did({ kind: 'set', path: '/a', value: 'two' }, { kind: 'unknown' });
    did({ kind: 'set', path: '/a', value: 'three', client: 'b' }, { kind: 'unknown' });
    read('/a', 11n, stat(10n, 11n, 1), 'two');
    read('/a', 11n, stat(10n, 11n, 1), 'three', { client: 'b', sessionId: 2n });
    expect(broken).toEqual([ONE_HISTORY]);
  });

  it('a read shows what nobody wrote, or what was refused', () => {
    created('/a', 10n, 'one');
    did({ kind: 'set', path: '/a', value: 'no', version: 7 }, { kind: 'refused', zxid: 11n, error: 'BadVersion' });
    read('/a', 12n, stat(10n, 11n, 1), 'no');
    read('/a', 14n, stat(10n, 13n, 2), 'out of nothing');
    expect(broken).toEqual([ONE_HISTORY, ONE_HISTORY]);
  });

  it('a read shows a change that was yet to come', () => {
    created('/a', 10n, 'one');
    read('/a', 11n, stat(10n, 12n, 0), 'one');
    expect(broken).toContain(ONE_HISTORY);
  });

  it('two conditional writes changed the same version', () => {
    created('/a', 10n, 'one');
    for (const [client, zxid] of [
      ['a', 11n],
      ['b', 12n],
    ] as const) {
      did(
        { kind: 'set', path: '/a', value: client, version: 0, client, sessionId: client === 'a' ? 1n : 2n },
        { kind: 'done', zxid, stat: stat(10n, zxid, 1) },
      );
    }
    expect(broken).toEqual([ONE_HISTORY]);
  });

  it('a session goes back in time', () => {
    created('/a', 10n, 'one');
    read('/a', 9n, stat(8n, 8n, 0), 'one');
    expect(broken).toContain('a session never goes back');
  });

  it('a sequence number is given twice, or falls', () => {
    const made = (number: string, zxid: bigint): void =>
      did(
        { kind: 'create', path: '/q/n-', value: `v${zxid}`, sequential: true },
        { kind: 'done', zxid, path: `/q/n-${number}`, stat: stat(zxid, zxid, 0) },
      );
    made('0000000003', 10n);
    made('0000000003', 11n);
    made('0000000002', 12n);
    expect(broken.filter((rule) => rule.startsWith('sequence'))).toEqual([
      'sequence numbers are unique',
      'sequence numbers grow',
      'sequence numbers grow',
    ]);
  });

  it('a list of children lacks one that was acknowledged', () => {
    created('/s/a', 10n);
    did({ kind: 'children', path: '/s' }, { kind: 'done', zxid: 11n, stat: stat(1n, 1n, 0), children: ['b'] });
    expect(broken).toEqual(['no acknowledged write is lost']);
  });

  it('the new state of a watched node is seen before its event, and when an event comes that nobody watches for', () => {
    created('/a', 10n, 'one');
    read('/a', 10n, stat(10n, 10n, 0), 'one', { watch: true });
    did({ kind: 'set', path: '/a', value: 'two', client: 'b', sessionId: 2n }, { kind: 'unknown' });
    read('/a', 11n, stat(10n, 11n, 1), 'two');
    expect(broken).toEqual(['a watch fires before the new state is seen']);
    history.event(1n, '/a');
    expect(broken).toEqual(['a watch fires before the new state is seen', 'a watch fires once']);
  });

  it('a session is expired although a server has just heard of it', () => {
    history.attached('a', 1n, 4_000, 0);
    history.expired(1n, 3_999);
    expect(broken).toEqual(['a session does not expire early']);
  });

  it('a follower that may have lost its leader proves less of a session than an answer that takes the leader', () => {
    const lenient = new History((rule) => broken.push(rule), { followerBlindMs: 2_000 });
    const answer = (kind: 'get' | 'set', begunMs: number): void => {
      const call = { ...base, kind, path: '/a', ...(kind === 'set' ? { value: 'x' } : {}) };
      lenient.ended(lenient.begun(call, begunMs), { kind: 'refused', zxid: 5n, error: 'NoNode' });
    };
    lenient.attached('a', 1n, 8_000, 0);
    answer('get', 5_000);
    lenient.expired(1n, 11_000);
    expect(broken).toEqual([]);
    lenient.attached('a', 1n, 8_000, 0);
    answer('set', 5_000);
    lenient.expired(1n, 11_000);
    expect(broken).toEqual(['a session does not expire early']);
  });

  it('an ephemeral node is gone while its session lives, or there after its end', () => {
    const more = { ephemeral: true } as const;
    created('/e', 10n, 'one', more);
    did({ kind: 'exists', path: '/e' }, { kind: 'refused', zxid: 11n, error: 'NoNode' });
    expect(broken).toEqual(['an ephemeral node lives as long as its session']);
    created('/f', 12n, 'two', { ...more, sessionId: 3n });
    history.closed(3n, 13n);
    read('/f', 14n, stat(12n, 12n, 0), 'two');
    expect(broken.at(-1)).toBe(ONE_HISTORY);
  });
});

it('nothing is found in a history that is true', () => {
  created('/a', 10n, 'one');
  read('/a', 10n, stat(10n, 10n, 0), 'one', { watch: true });
  did({ kind: 'set', path: '/a', value: 'two', client: 'b', sessionId: 2n }, { kind: 'unknown' });
  history.event(1n, '/a');
  read('/a', 20n, stat(10n, 15n, 1), 'two');
  // A server that is behind shows an older state to a session that has seen nothing newer.
  read('/a', 12n, stat(10n, 10n, 0), 'one', { client: 'c', sessionId: 4n });
  did({ kind: 'delete', path: '/a' }, { kind: 'done', zxid: 21n });
  did({ kind: 'exists', path: '/a', client: 'c', sessionId: 4n }, { kind: 'refused', zxid: 22n, error: 'NoNode' });
  created('/a', 23n, 'three');
  history.attached('a', 1n, 4_000, 0);
  history.expired(1n, 10_000);
  expect(broken).toEqual([]);
});

it('a child that somebody may have deleted is not missed', () => {
  created('/s/a', 10n);
  const deleting = history.begun({ ...base, kind: 'delete', path: '/s/a' }, 0);
  const list = (zxid: bigint, children: string[]): void =>
    did({ kind: 'children', path: '/s' }, { kind: 'done', zxid, stat: stat(1n, 1n, 0), children });
  list(12n, []);
  // Made again before the answer to the delete is here, which was done in between.
  created('/s/a', 13n, 'again', { client: 'b', sessionId: 2n });
  history.ended(deleting, { kind: 'done', zxid: 11n });
  list(14n, ['a']);
  expect(broken.filter((rule) => rule.startsWith('no ack'))).toEqual([]);
  list(15n, []);
  expect(broken).toContain('no acknowledged write is lost');
});

it('a child that was deleted before the answer to its create came is not missed', () => {
  const creating = history.begun({ ...base, kind: 'create', path: '/s/a', value: 'one' }, 0);
  did({ kind: 'delete', path: '/s/a', client: 'b', sessionId: 2n }, { kind: 'done', zxid: 11n });
  history.ended(creating, { kind: 'done', zxid: 10n, path: '/s/a', stat: stat(10n, 10n, 0) });
  did(
    { kind: 'children', path: '/s', client: 'b', sessionId: 2n },
    { kind: 'done', zxid: 12n, stat: stat(1n, 1n, 0), children: [] },
  );
  expect(broken).toEqual([]);
});

it('what is over is forgotten', () => {
  created('/round-1/a', 10n);
  created('/round-2/a', 11n);
  const watches = [...history.watched(base.sessionId).absent];
  did({ kind: 'exists', path: '/round-1/b', watch: true }, { kind: 'refused', zxid: 12n, error: 'NoNode' });
  expect(history.watched(base.sessionId).absent).toEqual([...watches, '/round-1/b']);
  history.forget('/round-1');
  expect(history.size).toBe(1);
  expect(history.watched(base.sessionId).absent).toEqual([...watches, '/round-1/b']);
  history.forget('/round-2');
  expect(history.watched(base.sessionId).absent).toEqual(watches);
});
