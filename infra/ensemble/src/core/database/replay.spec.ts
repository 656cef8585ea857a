/**
 * Recovery replays the log over a snapshot that may hold part of what is replayed. Whatever it holds, the end must be
 * the state of those who never restarted.
 */
import { OpCode } from '@menagerie/zookeeper-protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Command, commands, dumpDatabase, History, historyOf } from '../__fixtures__/history.js';
import { fuzzyBody, load } from '../__fixtures__/snapshots.js';
import { makeZxid, type Proposal } from '../contract/index.js';
import { createDatabase, type ReplicatedDatabase } from './index.js';

const options = { extendedTypes: true };

/** A snapshot written Apache's way while `during` happens, and how far the database was when it began. */
function takeFuzzySnapshot(
  database: ReplicatedDatabase,
  history: History,
  during: Command[],
): { body: Buffer; zxid: bigint } {
  const zxid = database.lastProcessedZxid;
  const rest = [...during];
  const body = fuzzyBody(database, () => {
    const command = rest.shift();
    if (command !== undefined) database.apply(history.add(command));
  });
  return { body, zxid };
}

describe('replay over a fuzzy snapshot', () => {
  it('ends in the state of a server that never restarted, with its digest', () => {
    fc.assert(
      fc.property(commands(40), commands(40), commands(10), (before, during, after) => {
        const history = historyOf(before);
        const original = createDatabase(options);
        for (const proposal of history.proposals) original.apply(proposal);
        const { body, zxid } = takeFuzzySnapshot(original, history, during);
        const seenBySnapshot = original.lastProcessedZxid;
        const trailer = { zxid: seenBySnapshot, version: 2, treeDigest: original.treeDigest };
        for (const command of after) original.apply(history.add(command));

        const restarted = createDatabase({
          ...options,
          onDigestMismatch: (mismatch) =>
            expect.fail(`${mismatch.standing} difference at 0x${mismatch.zxid.toString(16)}`),
        });
        load(restarted, body, zxid, trailer);
        for (const proposal of history.proposals) if (proposal.zxid > zxid) restarted.apply(proposal);
        expect(dumpDatabase(restarted)).toEqual(dumpDatabase(original));
        expect(restarted.treeDigest).toBe(history.twin.digest());
      }),
      { numRuns: 300 },
    );
  });
});

/** A database that lived through these transactions, then is made to live through the last of them once more. */
function replayed(txns: Parameters<typeof proposalOf>[1][], from: number): ReplicatedDatabase {
  const database = createDatabase(options);
  const proposals = txns.map((txn, i) => proposalOf(i + 1, txn));
  for (const proposal of proposals) database.apply(proposal);
  const state = database as unknown as { processedZxid: bigint };
  state.processedZxid = makeZxid(1, from);
  for (const proposal of proposals.slice(from)) database.apply(proposal);
  return database;
}

function proposalOf(counter: number, txn: Proposal['txn'], clientId = 0x55n): Proposal {
  const zxid = makeZxid(1, counter);
  const header = { clientId, cxid: counter, zxid, timeMs: 1000 + counter, type: txn.type };
  return { zxid, header, txn, digest: null, bytes: Buffer.alloc(0) };
}

const create = (path: string, parentCVersion: number, ephemeral = false): Proposal['txn'] => ({
  type: OpCode.create,
  path,
  data: null,
  acl: null,
  ephemeral,
  parentCVersion,
});

describe('replaying what the state holds already', () => {
  it('does not lower cversion and pzxid (ZOOKEEPER-3125, ZOOKEEPER-3249)', () => {
    const { tree } = replayed([create('/a', 1), { type: OpCode.delete, path: '/a' }, create('/b', 2)], 0);
    const stat = tree.stats.read(tree.root.stat);
    expect(stat.cversion).toBe(2);
    expect(stat.pzxid).toBe(makeZxid(1, 3));
  });

  it('raises pzxid for a child that is gone already', () => {
    const database = createDatabase(options);
    database.apply(proposalOf(1, create('/a', 1)));
    database.apply(proposalOf(2, { type: OpCode.delete, path: '/gone' }));
    expect(database.tree.stats.pzxid(database.tree.root.stat)).toBe(makeZxid(1, 2));
  });

  it('deletes with a session what the transaction names, not what the session owns now (ZOOKEEPER-3145)', () => {
    const database = createDatabase(options);
    const close: Proposal['txn'] = { type: OpCode.closeSession, paths: ['/mine'] };
    database.apply(proposalOf(1, create('/mine', 1, true)));
    database.apply(proposalOf(2, close));
    database.apply(proposalOf(3, create('/mine', 2, true), 0x66n));
    (database as unknown as { processedZxid: bigint }).processedZxid = makeZxid(1, 1);
    database.apply(proposalOf(2, close));
    database.apply(proposalOf(3, create('/mine', 2, true), 0x66n));
    const node = database.tree.get('/mine')!;
    expect(database.tree.stats.ephemeralOwner(node.stat)).toBe(0x66n);
    expect([...database.tree.owners.ephemeralsOf(0x55n)]).toEqual([]);
  });

  it('survives a deleted node that was made again and has children', () => {
    const { tree } = replayed(
      [create('/a', 1), { type: OpCode.delete, path: '/a' }, create('/a', 2), create('/a/b', 1), create('/a/b/c', 1)],
      0,
    );
    expect(tree.get('/a/b/c')).toBeDefined();
    expect(tree.nodeCount).toBe(5 + 3);
  });

  it('survives a node whose parent is gone', () => {
    const { tree } = replayed(
      [create('/p', 1), create('/p/c', 1), { type: OpCode.delete, path: '/p/c' }, { type: OpCode.delete, path: '/p' }],
      1,
    );
    expect(tree.get('/p/c')).toBeUndefined();
    expect(tree.nodeCount).toBe(5);
  });
});

describe('lastProcessedZxid', () => {
  it('moves only when all of a multi is in (ZOOKEEPER-3127)', () => {
    const database = createDatabase(options);
    const seen: bigint[] = [];
    const note = (): number => seen.push(database.lastProcessedZxid);
    database.observe({ created: note, deleted: note, dataChanged: note, childrenChanged: note });
    database.apply(proposalOf(1, { type: OpCode.multi, ops: [create('/a', 1), create('/b', 2)] }));
    expect(new Set(seen)).toEqual(new Set([0n]));
    expect(database.lastProcessedZxid).toBe(makeZxid(1, 1));
  });

  it('never goes back, and what it covers is not applied again', () => {
    const history = historyOf([]);
    const database = createDatabase(options);
    const first = history.add({ kind: 'create', pick: 0, choice: 3, data: null });
    const second = history.add({ kind: 'set', pick: 1, choice: 0, data: Buffer.from('new') });
    database.apply(first);
    database.apply(second);
    database.apply(first);
    expect(database.lastProcessedZxid).toBe(second.zxid);
    expect(dumpDatabase(database)).toEqual(history.twin.dump());
    expect(() => database.advanceTo(first.zxid)).toThrow(/expected to advance/);
  });
});
