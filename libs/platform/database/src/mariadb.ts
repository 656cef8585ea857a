/**
 * A MariaDB server in a folder of its own, on 127.0.0.1, with one database and one user: started, killed, started again
 * on the same data. Nothing of a MariaDB that the system may run is read or touched.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createConnection, createPool, type Pool } from 'mysql2/promise';
import { DatabaseError } from './errors.js';
import { programs } from './install.js';

export interface MariaDbOptions {
  /** Its own; made when it is missing, kept when it is there. */
  readonly folder: string;
  readonly port: number;
  /** A word. */
  readonly database: string;
  /** A word. */
  readonly user: string;
  /** Letters, digits, dashes and underscores. */
  readonly password: string;
  /** What the user may do beside everything in its database: `REPLICATION SLAVE`, `BINLOG MONITOR`, ... */
  readonly globalPrivileges?: readonly string[];
  /** Further arguments of `mariadbd`: `--log-bin`, `--server-id=7`, ... */
  readonly args?: readonly string[];
}

export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
}

const WORD = /^[A-Za-z][\w]{0,63}$/;
const SECRET = /^[\w-]{1,100}$/;
const PRIVILEGE = /^[A-Z_]+( [A-Z_]+){0,3}$/;
const START_WAIT_MS = 60_000;
const STOP_WAIT_MS = 15_000;
const CONNECT_TIMEOUT_MS = 2_000;
const LOG_TAIL_CHARS = 2_000;
/** The path of a Unix socket has so many bytes and no more. */
const MAX_SOCKET_PATH = 100;

export class MariaDb implements AsyncDisposable {
  private child: ChildProcess | null = null;
  private gone: Promise<void> = Promise.resolve();

  private constructor(
    private readonly options: MariaDbOptions,
    private readonly server: string,
  ) {}

  /**
   * Lays out its folder unless that is done, starts it and waits until it answers.
   * @throws DatabaseError `DATABASE_NOT_INSTALLED`, `DATABASE_START_FAILED`
   */
  static async start(options: MariaDbOptions): Promise<MariaDb> {
    if (!WORD.test(options.database) || !WORD.test(options.user) || !SECRET.test(options.password)) {
      throw new DatabaseError('DATABASE_MISUSED', 'expected words for database, user and password');
    }
    if (!(options.globalPrivileges ?? []).every((privilege) => PRIVILEGE.test(privilege))) {
      throw new DatabaseError('DATABASE_MISUSED', 'expected privileges in capital letters, as GRANT takes them');
    }
    const { server, installer } = programs();
    const data = join(options.folder, 'data');
    if (!existsSync(join(data, 'mysql'))) {
      mkdirSync(options.folder, { recursive: true });
      // Root by the operating system's own word, through a socket in our folder: it has no password to be guessed.
      const args = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=socket', '--skip-test-db'];
      await promisify(execFile)(installer, args, { timeout: START_WAIT_MS, env: environment(options.folder) }).catch(
        (error: unknown) => {
          throw new DatabaseError('DATABASE_START_FAILED', `mariadb-install-db: ${String(error)}`, false, {
            cause: error,
          });
        },
      );
    }
    const database = new MariaDb(options, server);
    await database.start();
    return database;
  }

  get address(): DatabaseAddress {
    const { port, database, user, password } = this.options;
    return { host: '127.0.0.1', port, database, user, password };
  }

  get pid(): number | null {
    return this.child?.pid ?? null;
  }

  /** A pool of connections; whoever asks for it ends it. */
  pool(connectionLimit = 4): Pool {
    return createPool({ ...this.address, connectionLimit });
  }

  /** Starts it again on its data. @throws DatabaseError `DATABASE_START_FAILED` with the end of its log */
  async start(): Promise<void> {
    if (this.child !== null) throw new DatabaseError('DATABASE_MISUSED', 'it runs already');
    const { folder, port, args = [] } = this.options;
    const init = join(folder, 'init.sql');
    writeFileSync(init, this.initialSql(), { mode: 0o600 });
    const log = openSync(this.logFile, 'a', 0o600);
    const child = spawn(
      this.server,
      [
        '--no-defaults',
        `--datadir=${join(folder, 'data')}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${this.socket}`,
        `--pid-file=${join(folder, 'mariadbd.pid')}`,
        `--init-file=${init}`,
        '--skip-name-resolve',
        '--innodb-buffer-pool-size=16M',
        '--key-buffer-size=1M',
        '--performance-schema=OFF',
        // Root may run it here: the folder is private, and the server listens on this machine only.
        ...(process.getuid?.() === 0 ? ['--user=root'] : []),
        ...args,
      ],
      { stdio: ['ignore', log, log], env: environment(folder) },
    );
    closeSync(log);
    this.child = child;
    this.gone = new Promise((resolve) => {
      const end = () => {
        this.child = null;
        resolve();
      };
      child.once('exit', end);
      child.once('error', end);
    });
    await this.answers();
  }

  /** kill -9. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.child?.kill('SIGKILL');
    await this.gone;
  }

  /** In order, or killed when it takes too long. */
  async stop(): Promise<void> {
    const { child } = this;
    child?.kill('SIGTERM');
    const timer = setTimeout(() => child?.kill('SIGKILL'), STOP_WAIT_MS);
    await this.gone;
    clearTimeout(timer);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.kill();
  }

  private async answers(): Promise<void> {
    const endMs = performance.now() + START_WAIT_MS;
    for (;;) {
      if (this.child === null) throw new DatabaseError('DATABASE_START_FAILED', `ended at once:\n${this.logTail()}`);
      try {
        const connection = await createConnection({ ...this.address, connectTimeout: CONNECT_TIMEOUT_MS });
        return await connection.end();
      } catch (error) {
        if (performance.now() < endMs) {
          await sleep(50);
          continue;
        }
        await this.kill();
        const message = `does not answer on port ${this.options.port}: ${String(error)}\n${this.logTail()}`;
        throw new DatabaseError('DATABASE_START_FAILED', message, true, { cause: error });
      }
    }
  }

  private initialSql(): string {
    const { database, user, password, globalPrivileges = [] } = this.options;
    return [
      `CREATE DATABASE IF NOT EXISTS \`${database}\`;`,
      `CREATE OR REPLACE USER '${user}'@'127.0.0.1' IDENTIFIED BY '${password}';`,
      `GRANT ALL PRIVILEGES ON \`${database}\`.* TO '${user}'@'127.0.0.1';`,
      ...(globalPrivileges.length === 0
        ? []
        : [`GRANT ${globalPrivileges.join(', ')} ON *.* TO '${user}'@'127.0.0.1';`]),
      '',
    ].join('\n');
  }

  private get socket(): string {
    const inFolder = join(this.options.folder, 'mariadbd.sock');
    return inFolder.length <= MAX_SOCKET_PATH ? inFolder : `/tmp/menagerie-mariadb-${this.options.port}.sock`;
  }

  private get logFile(): string {
    return join(this.options.folder, 'mariadbd.log');
  }

  private logTail(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8').slice(-LOG_TAIL_CHARS) : '';
  }
}

/** A server that starts removes the temporary tables it finds, those of other servers too: each has a folder of its own. */
const environment = (folder: string): NodeJS.ProcessEnv => ({ ...process.env, TMPDIR: folder });
