/** Two servers and one of the two ways to replicate between them, which can be halted and let go. */
import { type ReplicatorError, taskSchema } from '@menagerie/replicator-core';
import { keepCopying } from '@menagerie/replicator-mariadb';
import { SOURCE_PRIVILEGES, TestDatabases } from '@menagerie/replicator-testing';
import type { Pool } from 'mysql2/promise';
import { waitFor } from '@menagerie/zookeeper-testing';

export interface Pair extends AsyncDisposable {
  readonly source: Pool;
  readonly target: Pool;
  /** Begins, or goes on, to replicate. */
  go(): Promise<void>;
  halt(): Promise<void>;
}

const WAIT_MS = 300_000;
const TABLE = `CREATE TABLE bench (
  id INT UNSIGNED NOT NULL PRIMARY KEY, price DECIMAL(10,2) NOT NULL, name VARCHAR(60) NOT NULL, at DOUBLE NOT NULL DEFAULT 0
) DEFAULT CHARSET=utf8mb4`;
/** The same for both: the target keeps no binlog and writes each commit through to the disk. */
const TARGET_ARGS = ['--innodb-flush-log-at-trx-commit=1', '--replicate-rewrite-db=shop->copy'];

export async function openPair(isOurs: boolean): Promise<Pair> {
  const databases = await TestDatabases.start({
    sourcePrivileges: [...SOURCE_PRIVILEGES, 'RELOAD'],
    targetPrivileges: ['REPLICATION SLAVE ADMIN', 'REPLICA MONITOR', 'SUPER'],
    targetArgs: TARGET_ARGS,
  });
  const source = databases.source.pool(8);
  const target = databases.target.pool(2);
  await source.query(TABLE);
  await target.query(TABLE);
  const [rows] = await source.query('SELECT @@gtid_binlog_pos AS gtid');
  const { gtid } = (rows as { gtid: string }[])[0] as { gtid: string };
  const way = isOurs ? ours(databases, gtid) : await mariadbs(databases, target, gtid);
  return {
    source,
    target,
    ...way,
    async [Symbol.asyncDispose]() {
      await way.halt().catch(() => undefined);
      await Promise.all([source.end(), target.end()]);
      await databases.close();
    },
  };
}

/** Waits until the target has so many rows for which something holds. */
export async function arrived({ target }: Pair, where: string, count: number): Promise<void> {
  await waitFor(
    async () => {
      const [rows] = await target.query(`SELECT COUNT(*) AS found FROM bench WHERE ${where}`);
      return Number((rows as { found: number }[])[0]?.found) === count;
    },
    { timeoutMs: WAIT_MS, what: `${count} rows with ${where}`, intervalMs: 20 },
  );
}

function ours(databases: TestDatabases, gtid: string): Pick<Pair, 'go' | 'halt'> {
  const task = taskSchema.parse({
    source: databases.sourcePlace,
    target: databases.targetPlace,
    tables: ['bench'],
    serverId: 71_001,
    start: gtid,
  });
  let fence = 0n;
  let running: { readonly ending: AbortController; readonly ended: Promise<void> } | null = null;
  return {
    go: async () => {
      const ending = new AbortController();
      fence += 1n;
      let begun: () => void = () => undefined;
      const streaming = new Promise<void>((resolve) => (begun = resolve));
      const onProblem = (problem: ReplicatorError | null) =>
        void (problem === null ? begun() : process.stderr.write(`${problem.message}\n`));
      const options = {
        task,
        key: 'bench',
        fence,
        lastCommit: null,
        gate: () => undefined,
        onProgress: begun,
        onProblem,
      };
      running = { ending, ended: keepCopying(options, ending.signal) };
      await streaming;
    },
    halt: async () => {
      running?.ending.abort();
      await running?.ended;
      running = null;
    },
  };
}

async function mariadbs(
  { sourcePlace }: TestDatabases,
  target: Pool,
  gtid: string,
): Promise<Pick<Pair, 'go' | 'halt'>> {
  await target.query(`SET GLOBAL gtid_slave_pos = '${gtid}'`);
  const { host, port, user, password } = sourcePlace;
  await target.query(
    `CHANGE MASTER TO MASTER_HOST='${host}', MASTER_PORT=${port}, MASTER_USER='${user}', MASTER_PASSWORD='${password}', MASTER_USE_GTID=slave_pos`,
  );
  return {
    go: async () => void (await target.query('START SLAVE')),
    halt: async () => void (await target.query('STOP SLAVE')),
  };
}
