/** The database beside its naive twin, over random histories. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { commands, dumpDatabase, History } from '../__fixtures__/history.js';
import { createDatabase } from './index.js';

describe('database and naive twin', () => {
  it('agree on every node, session and digest after each transaction', () => {
    fc.assert(
      fc.property(commands(60), (list) => {
        const database = createDatabase({
          extendedTypes: true,
          onDigestMismatch: ({ zxid }) => expect.fail(`digest differs after 0x${zxid.toString(16)}`),
        });
        const history = new History();
        for (const command of list) {
          database.apply(history.add(command));
          expect(database.treeDigest).toBe(history.twin.digest());
        }
        expect(dumpDatabase(database)).toEqual(history.twin.dump());
      }),
      { numRuns: 150 },
    );
  });

  it('agree on what is indexed: ephemerals by session, sizes, counts', () => {
    fc.assert(
      fc.property(commands(60), (list) => {
        const database = createDatabase({ extendedTypes: true });
        const history = new History();
        for (const command of list) database.apply(history.add(command));
        const { tree } = database;
        for (const sessionId of [0x100n, 0x101n, -2n]) {
          const indexed = [...tree.owners.ephemeralsOf(sessionId)].map((node) => node.path).sort();
          expect(indexed).toEqual(history.twin.ephemerals(sessionId).sort());
        }
        expect(tree.nodeCount).toBe(history.twin.nodes.size + 1);
        const size = [...history.twin.nodes].reduce(
          (sum, [path, { data }]) => sum + path.length + (data?.length ?? 0),
          0,
        );
        expect(tree.approximateDataSize).toBe(size);
        expect(tree.stats.size).toBe(history.twin.nodes.size);
        const acls = new Set([...tree.subtree(tree.root)].map((node) => node.acl).filter((acl) => acl.id !== -1));
        expect(tree.acls.size).toBe(acls.size);
      }),
      { numRuns: 100 },
    );
  });
});
