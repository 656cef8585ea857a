/** A copy between two real servers: types, transactions, what is refused, and what a zombie can do. */
import { databaseMissing } from '@menagerie/platform-database';
import { type ReplicatorError, taskSchema, type Task } from '@menagerie/replicator-core';
import { openShop, SHOP_TABLES, ShopLoad, SOURCE_PRIVILEGES, TestDatabases } from '@menagerie/replicator-testing';
import { waitFor } from '@menagerie/zookeeper-testing';
import type { Pool } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareTask } from '../compare/compare.js';
import { inspectTask } from './inspect-task.js';
import { keepCopying } from './keep-copying.js';
import type { Progress } from './copier.js';

const missing = databaseMissing();
const WAIT = { timeoutMs: 15_000, intervalMs: 20 };

/** A copy that runs beside the test. */
class Running implements AsyncDisposable {
  progress: Progress | null = null;
  problem: ReplicatorError | null = null;
  private readonly ending = new AbortController();
  readonly ended: Promise<unknown>;

  constructor(task: Task, key: string, fence: bigint) {
    const options = {
      task,
      key,
      fence,
      lastCommit: null,
      mendPauseMs: 300,
      gate: () => undefined,
      onProgress: (progress: Progress) => void (this.progress = progress),
      onProblem: (problem: ReplicatorError | null) => void (this.problem = problem),
    };
    this.ended = keepCopying(options, this.ending.signal).catch((error: unknown) => error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.ending.abort();
    await this.ended;
  }
}

describe.skipIf(missing !== null)(`a copy${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let databases: TestDatabases;
  let source: Pool;
  let target: Pool;

  beforeAll(async () => {
    databases = await TestDatabases.start({
      sourcePrivileges: [...SOURCE_PRIVILEGES, 'BINLOG ADMIN', 'RELOAD'],
      targetPrivileges: ['READ_ONLY ADMIN', 'BINLOG ADMIN'],
    });
    source = databases.source.pool();
    target = databases.target.pool();
    await openShop(source);
  });
  afterAll(async () => {
    await source?.end();
    await target?.end();
    await databases?.close();
  });

  const task = (changes: Partial<Task> = {}): Task =>
    taskSchema.parse({
      source: databases.sourcePlace,
      target: databases.targetPlace,
      tables: SHOP_TABLES,
      serverId: 71_001,
      ...changes,
    });

  /** Waits until the target has all that the source has, and compares. */
  const equal = async (of: Task, key: string) => {
    const found = await waitFor(
      async () => {
        const comparison = await compareTask(of, key);
        return comparison.isCaughtUp ? comparison : null;
      },
      { ...WAIT, what: `${key} to catch up` },
    );
    expect(found.differences).toEqual([]);
    return found;
  };
  const stopsWith = (copy: Running, code: string) =>
    waitFor(() => Promise.resolve(copy.problem?.code === code ? copy.problem.message : null), {
      ...WAIT,
      what: `${code}, got ${copy.problem?.message}`,
    });

  it('copies what is there while the shop goes on selling, then follows, and goes on from its position', async () => {
    const shop = task();
    await using load = new ShopLoad({ source: databases.source });
    {
      await using copy = new Running(shop, 'shop', 1n);
      await waitFor(() => Promise.resolve(copy.progress?.phase === 'streaming' && load.committed > 200), {
        ...WAIT,
        what: 'streaming',
      });
    }
    const before = load.committed;
    await waitFor(() => Promise.resolve(load.committed > before + 50), {
      ...WAIT,
      what: 'more orders while nobody copies',
    });
    await using copy = new Running(shop, 'shop', 2n);
    await load.stop();
    const { source: sums } = await equal(shop, 'shop');
    expect(sums.map(({ rows }) => rows > 0)).toEqual([true, true]);
    expect(copy.progress!.rows).toBeGreaterThan(200);
  });

  it('carries every type of value over exactly, in the copy and in the binlog', async () => {
    await source.query(`CREATE TABLE kinds (id INT, sub VARCHAR(20), a BIGINT, u BIGINT UNSIGNED, d DECIMAL(30,10), f FLOAT, g DOUBLE,
      s VARCHAR(50), l VARCHAR(50) CHARACTER SET latin1, b VARBINARY(20), bb BINARY(4), x BLOB, tx MEDIUMTEXT, dt DATETIME(3), ts TIMESTAMP(6) NULL,
      da DATE, ti TIME(2), y YEAR, e ENUM('a','b'), se SET('p','q'), j JSON, uu UUID, i6 INET6, PRIMARY KEY (id, sub)) DEFAULT CHARSET=utf8mb4`);
    const fill = async (id: number) => {
      await source.query(
        `INSERT INTO kinds VALUES (?, 'x''\\\\y', -9223372036854775808, 18446744073709551615, -12345678901234567890.0123456789, 123456789, 0.1,
          'h\u00e9\u{1F600}''', 'h\u00e9', X'00FF10', X'01', X'0000FF27', 'te\\\\xt\n', '2020-02-29 23:59:59.123', '2020-02-29 23:59:59.123456',
          '1000-01-01', '-12:34:56.78', 2020, 'b', 'p,q', '{"a": [1, 2.50]}', '123e4567-e89b-12d3-a456-426655440000', '::1')`,
        [id],
      );
      await source.query('INSERT INTO kinds (id, sub) VALUES (?, ?)', [id, 'nothing but nulls']);
    };
    await fill(1);
    const kinds = task({ tables: ['kinds'], serverId: 71_002 });
    await using _copy = new Running(kinds, 'kinds', 1n);
    await equal(kinds, 'kinds');
    await fill(2);
    await source.query(
      "UPDATE kinds SET f = 1.1754944e-38, g = -5e-324, da = '9999-12-31', sub = CONCAT(sub, '!') WHERE id = 1",
    );
    await source.query("UPDATE kinds SET j = '[]', bb = X'00', x = '', e = NULL WHERE id = 2");
    await source.query("DELETE FROM kinds WHERE id = 1 AND sub LIKE 'nothing%'");
    await equal(kinds, 'kinds');
  });

  it('applies a transaction as a whole, however large', async () => {
    await source.query('CREATE TABLE bulk (id INT PRIMARY KEY, text VARCHAR(100))');
    const bulk = task({ tables: ['bulk'], serverId: 71_003 });
    await using copy = new Running(bulk, 'bulk', 1n);
    await waitFor(() => Promise.resolve(copy.progress?.phase === 'streaming'), { ...WAIT, what: 'streaming' });
    await source.query("INSERT INTO bulk SELECT seq, REPEAT('x', 60) FROM seq_1_to_30000");
    await source.query('UPDATE bulk SET id = id + 100000 WHERE id <= 100');
    await equal(bulk, 'bulk');
    expect(copy.progress!.rows).toBe(30_100);
  });

  it('a later instance fences an earlier one off', async () => {
    const shop = task({ serverId: 71_004 });
    await using first = new Running(shop, 'fenced', 5n);
    await waitFor(() => Promise.resolve(first.progress?.phase === 'streaming'), { ...WAIT, what: 'streaming' });
    await using second = new Running(shop, 'fenced', 6n);
    await waitFor(() => Promise.resolve(second.progress?.phase === 'streaming'), { ...WAIT, what: 'the second' });
    await source.query('UPDATE items SET stock = stock + 1');
    expect(await first.ended).toMatchObject({ code: 'REPLICATOR_FENCED' });
    await equal(shop, 'fenced');
    await using third = new Running(shop, 'fenced', 4n);
    expect(await third.ended).toMatchObject({ code: 'REPLICATOR_FENCED', message: expect.stringContaining('0x6') });
  });

  it('a connection that stands still in the middle of a transaction is ended by whoever takes over', async () => {
    const shop = task({ serverId: 71_012 });
    {
      await using first = new Running(shop, 'held', 1n);
      await waitFor(() => Promise.resolve(first.progress?.phase === 'streaming'), { ...WAIT, what: 'streaming' });
    }
    const stopped = await databases.target.pool(1).getConnection();
    await stopped.query("SELECT GET_LOCK('menagerie_replicator:held', 10)");
    await stopped.query('START TRANSACTION');
    await stopped.query("UPDATE menagerie_replicator SET writes = writes + 1 WHERE task = 'held'");
    await using second = new Running(shop, 'held', 2n);
    await waitFor(() => Promise.resolve(second.progress?.phase === 'streaming'), { ...WAIT, what: 'the second' });
    await expect(stopped.query('COMMIT')).rejects.toThrow();
    stopped.destroy();
  });

  it('what the source must have is asked for before anything is copied', async () => {
    await source.query('CREATE TABLE keyless (id INT)');
    await expect(inspectTask(task({ tables: ['keyless', 'nothing'] }))).rejects.toThrow(
      /keyless: expected a primary key.*|nothing: no such table/,
    );
    await expect(inspectTask(task({ target: databases.sourcePlace }))).rejects.toMatchObject({
      code: 'REPLICATOR_BAD_REQUEST',
    });
    const wrong = { ...databases.sourcePlace, password: 'wrong' };
    await expect(inspectTask(task({ source: wrong }))).rejects.toMatchObject({ code: 'REPLICATOR_SOURCE_UNSUITABLE' });
    const closed = { ...databases.targetPlace, port: 1 };
    await expect(inspectTask(task({ target: closed }))).rejects.toMatchObject({
      code: 'REPLICATOR_TARGET_UNAVAILABLE',
      retryable: true,
    });
  });

  it('a read-only target holds it up, with the position kept', async () => {
    const shop = task({ serverId: 71_005 });
    await target.query('SET GLOBAL read_only = ON');
    await using copy = new Running(shop, 'readonly', 1n);
    try {
      expect(await stopsWith(copy, 'REPLICATOR_TARGET_UNSUITABLE')).toContain('read_only');
    } finally {
      await target.query('SET GLOBAL read_only = OFF');
    }
    await equal(shop, 'readonly');
  });

  it('a dropped column is waited for; carried out by hand and said so, it goes on', async () => {
    await source.query('CREATE TABLE changing (id INT PRIMARY KEY, a INT, b INT)');
    const changing = task({ tables: ['changing'], serverId: 71_006 });
    let gtid = '';
    {
      await using copy = new Running(changing, 'changing', 1n);
      await waitFor(() => Promise.resolve(copy.progress?.phase === 'streaming'), { ...WAIT, what: 'streaming' });
      await source.query('INSERT INTO changing VALUES (1, 2, 3)');
      await source.query('ALTER TABLE changing DROP COLUMN a');
      await source.query('INSERT INTO changing VALUES (2, 4)');
      const message = await stopsWith(copy, 'REPLICATOR_DDL_PAUSED');
      gtid = /ddl-done TASK (\S+)/.exec(message)?.[1] ?? '';
    }
    const [rows] = await target.query('SELECT * FROM changing');
    expect(rows).toEqual([{ id: 1, a: 2, b: 3 }]);
    await target.query('ALTER TABLE changing DROP COLUMN a');
    const done = task({ ...changing, ddlDone: gtid });
    await using _copy = new Running(done, 'changing', 2n);
    await equal(done, 'changing');
  });

  it('a changed definition is carried out where the task says so', async () => {
    await source.query('CREATE TABLE growing (id INT PRIMARY KEY)');
    const growing = task({ tables: ['growing'], serverId: 71_007, ddl: 'apply' });
    await using copy = new Running(growing, 'growing', 1n);
    await waitFor(() => Promise.resolve(copy.progress?.phase === 'streaming'), { ...WAIT, what: 'streaming' });
    await source.query('INSERT INTO growing VALUES (1)');
    await source.query('ALTER TABLE growing ADD COLUMN name VARCHAR(20) DEFAULT "new"');
    await source.query('INSERT INTO growing VALUES (2, "named")');
    await source.query('TRUNCATE growing');
    await source.query('INSERT INTO growing VALUES (3, "last")');
    await equal(growing, 'growing');
  });

  it('a target that somebody else writes to is found out, not overwritten', async () => {
    await source.query('CREATE TABLE shared (id INT PRIMARY KEY, a INT)');
    await source.query('INSERT INTO shared VALUES (1, 1), (2, 2)');
    const shared = task({ tables: ['shared'], serverId: 71_008 });
    await using copy = new Running(shared, 'shared', 1n);
    await waitFor(() => Promise.resolve(copy.progress?.phase === 'streaming'), { ...WAIT, what: 'streaming' });
    await target.query('DELETE FROM shared WHERE id = 2');
    await source.query('UPDATE shared SET a = a + 1');
    expect(await stopsWith(copy, 'REPLICATOR_DIVERGED')).toContain('recopy');
  });

  it('rows that a session writes as a statement stop it before them', async () => {
    await source.query('CREATE TABLE stated (id INT PRIMARY KEY)');
    const stated = task({ tables: ['stated'], serverId: 71_009 });
    await using copy = new Running(stated, 'stated', 1n);
    await waitFor(() => Promise.resolve(copy.progress?.phase === 'streaming'), { ...WAIT, what: 'streaming' });
    const session = await source.getConnection();
    await session.query("SET SESSION binlog_format = 'STATEMENT'");
    await session.query('INSERT INTO stated VALUES (1)');
    session.destroy();
    expect(await stopsWith(copy, 'REPLICATOR_DDL_PAUSED')).toContain('binlog_format');
  });

  it('a position that the source does not know, or has purged, stops it for good', async () => {
    const [rows] = await source.query('SELECT @@gtid_binlog_pos AS gtid');
    const { gtid } = (rows as { gtid: string }[])[0]!;
    await using ahead = new Running(task({ serverId: 71_010, start: '0-1-99999999' }), 'ahead', 1n);
    await stopsWith(ahead, 'REPLICATOR_BAD_POSITION');
    await source.query('UPDATE items SET stock = stock + 1');
    await source.query('FLUSH BINARY LOGS');
    await source.query('UPDATE items SET stock = stock + 1');
    await source.query('FLUSH BINARY LOGS');
    await waitFor(
      async () => {
        await source.query("PURGE BINARY LOGS TO 'bin.000003'");
        const [logs] = await source.query('SHOW BINARY LOGS');
        return (logs as { Log_name: string }[])[0]?.Log_name === 'bin.000003';
      },
      { ...WAIT, what: 'the purge' },
    );
    await using behind = new Running(task({ serverId: 71_011, start: gtid }), 'behind', 1n);
    expect(await stopsWith(behind, 'REPLICATOR_BINLOG_PURGED')).toContain('recopy');
  });
});
