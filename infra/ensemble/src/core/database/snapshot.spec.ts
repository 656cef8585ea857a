/** Snapshots are of one moment, however long they take and whatever happens meanwhile. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commands, dumpDatabase, History, historyOf } from '../__fixtures__/history.js';
import { drain, load } from '../__fixtures__/snapshots.js';
import type { SnapshotSource } from '../contract/index.js';
import { SnapshotAbandonedError } from '../errors.js';
import { SNAPSHOT_SLOTS } from '../tree/stat-table.js';
import { createDatabase, type ReplicatedDatabase } from './index.js';

const options = { extendedTypes: true };

function databaseWith(history: History): ReplicatedDatabase {
  const database = createDatabase(options);
  for (const proposal of history.proposals) database.apply(proposal);
  return database;
}

class RunningSnapshot {
  private readonly pieces: Buffer[] = [];

  constructor(
    readonly source: SnapshotSource,
    private readonly expected: unknown,
  ) {}

  /** @returns whether there is more to come */
  advance(): boolean {
    const piece = this.source.next(40);
    if (piece === null) this.check();
    else this.pieces.push(piece);
    return piece !== null;
  }

  finish(): void {
    while (this.advance());
  }

  private check(): void {
    const copy = createDatabase(options);
    load(copy, Buffer.concat(this.pieces), this.source.zxid);
    expect(dumpDatabase(copy)).toEqual(this.expected);
  }
}

describe('a snapshot', () => {
  it('holds exactly the state at its start, sessions and tree alike, whatever is applied between its pieces (ZOOKEEPER-3144)', () => {
    fc.assert(
      fc.property(commands(50), commands(50), fc.integer({ min: 1, max: 120 }), (before, during, pieceBytes) => {
        const history = historyOf(before);
        const database = databaseWith(history);
        const expected = history.twin.dump();
        const source = database.beginSnapshot()!;
        expect(source.treeDigest).toBe(history.twin.digest());
        const pieces: Buffer[] = [];
        const rest = [...during];
        for (let piece = source.next(pieceBytes); piece !== null; piece = source.next(pieceBytes)) {
          pieces.push(piece);
          const command = rest.shift();
          if (command !== undefined) database.apply(history.add(command));
        }
        const copy = createDatabase(options);
        load(copy, Buffer.concat(pieces), source.zxid);
        expect(dumpDatabase(copy)).toEqual(expected);
        expect(copy.treeDigest).toBe(source.treeDigest);
        expect(dumpDatabase(database)).toEqual(history.twin.dump());
      }),
      { numRuns: 200 },
    );
  });

  it('is kept apart from others that run beside it, each of its own moment', () => {
    fc.assert(
      fc.property(commands(30), fc.array(commands(8), { minLength: SNAPSHOT_SLOTS, maxLength: 9 }), (before, steps) => {
        const history = historyOf(before);
        const database = databaseWith(history);
        let running: RunningSnapshot[] = [];
        for (const step of steps) {
          if (running.length === SNAPSHOT_SLOTS) {
            expect(database.beginSnapshot()).toBeNull();
            const oldest = running.shift()!;
            if (step.length % 2 === 0) oldest.finish();
            else oldest.source.abort();
          }
          running.push(new RunningSnapshot(database.beginSnapshot()!, history.twin.dump()));
          for (const command of step) {
            database.apply(history.add(command));
            running = running.filter((snapshot) => snapshot.advance());
          }
        }
        for (const snapshot of running) snapshot.finish();
      }),
      { numRuns: 60 },
    );
  });

  it('costs nothing once it was given up half-way', () => {
    const history = historyOf([]);
    const database = databaseWith(history);
    for (let i = 0; i < 50; i++) database.apply(history.add({ kind: 'create', pick: 0, choice: 3, data: null }));
    for (let round = 0; round < 2 * SNAPSHOT_SLOTS; round++) {
      const source = database.beginSnapshot()!;
      source.next(1);
      source.abort();
      expect(source.next(1)).toBeNull();
    }
    expect(database.tree.walks.count).toBe(0);
    const copy = createDatabase(options);
    load(copy, drain(database.beginSnapshot()!), database.lastProcessedZxid);
    expect(dumpDatabase(copy)).toEqual(history.twin.dump());
  });

  it('ends with an error when the state is replaced under it', () => {
    const database = createDatabase(options);
    const source = database.beginSnapshot()!;
    database.clear();
    expect(() => source.next(10)).toThrow(SnapshotAbandonedError);
  });

  it('does not run for ever when nodes are made faster than it writes', () => {
    const history = historyOf([]);
    const database = databaseWith(history);
    const source = database.beginSnapshot()!;
    let pieces = 0;
    for (let piece = source.next(1); piece !== null; piece = source.next(1)) {
      for (let i = 0; i < 3; i++) database.apply(history.add({ kind: 'create', pick: i, choice: 7, data: null }));
      expect(++pieces).toBeLessThan(30);
    }
  });

  it('of a very deep path needs no stack', () => {
    const database = createDatabase(options);
    const { tree } = database;
    let path = '';
    for (let depth = 1; depth <= 3_000; depth++) {
      path += '/x';
      tree.create(path, null, null, 0n, 1, BigInt(depth), 0);
    }
    const source = database.beginSnapshot()!;
    tree.setData(path, null, 1, 5_000n, 0);
    const body = drain(source, 1 << 20);
    const copy = createDatabase(options);
    load(copy, body, 3_000n);
    expect(copy.tree.nodeCount).toBe(tree.nodeCount);
    tree.delete('/x', 6_000n);
    expect(tree.nodeCount).toBe(5);
  });
});

describe('loading a snapshot', () => {
  it('refuses a node without its parent and a node that comes twice (ZOOKEEPER-1573)', () => {
    const database = createDatabase(options);
    const stat = database.tree.stats.read(database.tree.root.stat);
    const sink = database.beginLoad();
    sink.push({ kind: 'node', path: '', data: null, aclIndex: -1, stat });
    expect(() => sink.push({ kind: 'node', path: '/a/b', data: null, aclIndex: -1, stat })).toThrow(/parent of \/a\/b/);
    sink.push({ kind: 'node', path: '/a', data: null, aclIndex: -1, stat });
    expect(() => sink.push({ kind: 'node', path: '/a', data: null, aclIndex: -1, stat })).toThrow(/once/);
  });

  it('half-way leaves nothing that could be served or built on (ZOOKEEPER-3642)', () => {
    const history = historyOf([{ kind: 'create', pick: 0, choice: 3, data: null }]);
    const database = databaseWith(history);
    database.beginLoad();
    expect(database.lastProcessedZxid).toBe(0n);
    expect(database.committedLog.size).toBe(0);
    expect(() => database.apply(history.add({ kind: 'open', pick: 0, choice: 0, data: null }))).toThrow(
      /still coming in/,
    );
    database.clear();
    expect(dumpDatabase(database)).toEqual(historyOf([]).twin.dump());
  });

  it('lets nobody but a superuser at a node whose ACL the snapshot lost (ZOOKEEPER-3306, 4846)', () => {
    const database = createDatabase(options);
    const stat = database.tree.stats.read(database.tree.root.stat);
    const sink = database.beginLoad();
    sink.push({ kind: 'node', path: '', data: null, aclIndex: -1, stat });
    sink.push({ kind: 'node', path: '/a', data: null, aclIndex: 77, stat });
    sink.finish(0n);
    expect(database.tree.get('/a')!.acl.worldPerms).toBe(0);
    const acl = [{ perms: 1, id: { scheme: 'world', id: 'anyone' } }];
    database.tree.create('/a', null, acl, 0n, 1, 5n, 0);
    expect(database.tree.get('/a')!.acl.acl).toEqual(acl);
    expect(database.tree.acls.size).toBe(1);
  });
});
