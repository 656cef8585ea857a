/** The two directories of a server: made, checked, claimed. */
import { constants } from 'node:fs';
import { access, mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import type { ServerId } from '../../core/contract/index.js';
import { DirectoryError, systemErrorCode } from '../errors.js';
import { fsyncDirectory, writeFileDurably } from './durable.js';
import { listLogs, listSnapshots, VERSION_DIRECTORY } from './file-names.js';

export interface DataDirectories {
  /** `<dataDir>/version-2`: snapshots and epochs. */
  readonly snapshots: string;
  /** `<dataLogDir>/version-2`. */
  readonly logs: string;
}

/** Which server's data this is. Apache does not look at it. */
const OWNER_FILE = 'menagerie.server-id';

/** @throws DirectoryError */
export async function openDirectories(dataDir: string, dataLogDir: string, create: boolean): Promise<DataDirectories> {
  const snapshots = await openDirectory(dataDir, create);
  const logs = dataLogDir === dataDir ? snapshots : await openDirectory(dataLogDir, create);
  if (logs !== snapshots) await expectNotSwapped(snapshots, logs);
  return { snapshots, logs };
}

async function openDirectory(base: string, create: boolean): Promise<string> {
  const directory = join(base, VERSION_DIRECTORY);
  try {
    await access(directory);
  } catch (error) {
    if (systemErrorCode(error) !== 'ENOENT') throw unusable(directory, error);
    if (!create)
      throw new DirectoryError(directory, 'expected this directory, found none (datadir.autocreate is false)');
    await createDirectory(directory);
  }
  try {
    if (!(await stat(directory)).isDirectory())
      throw new DirectoryError(directory, 'expected a directory, found a file');
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw error instanceof DirectoryError ? error : unusable(directory, error);
  }
  return directory;
}

async function createDirectory(directory: string): Promise<void> {
  try {
    const first = await mkdir(directory, { recursive: true });
    if (first === undefined) return;
    for (let made = directory; made.length >= first.length; made = dirname(made)) await fsyncDirectory(dirname(made));
  } catch (error) {
    throw unusable(directory, error);
  }
}

function unusable(directory: string, error: unknown): DirectoryError {
  const code = systemErrorCode(error);
  const found = code === 'ENOTDIR' || code === 'EEXIST' ? 'a file in its place' : (error as Error).message;
  return new DirectoryError(directory, `expected a directory to read and write, found ${found}`, { cause: error });
}

/** dataDir and dataLogDir exchanged look like lost data (ZOOKEEPER-2967). */
async function expectNotSwapped(snapshots: string, logs: string): Promise<void> {
  const misplaced = (await listLogs(snapshots))[0] ?? (await listSnapshots(logs))[0];
  if (misplaced === undefined) return;
  const [directory, expected] = misplaced.path.startsWith(join(logs, '/')) ? [logs, 'logs'] : [snapshots, 'snapshots'];
  throw new DirectoryError(
    directory,
    `expected only ${expected}, found ${misplaced.name}: are dataDir and dataLogDir exchanged?`,
  );
}

/** Two servers writing one directory destroy it, and a server with another's promises can elect two leaders. */
export async function claimDirectories(
  directories: DataDirectories,
  serverId: ServerId | null,
): Promise<{ release(): Promise<void> }> {
  const distinct = [...new Set([directories.snapshots, directories.logs])];
  const locks: Server[] = [];
  const release = async (): Promise<void> => {
    await Promise.all(locks.map((lock) => new Promise((resolve) => lock.close(resolve))));
  };
  try {
    for (const directory of distinct) {
      locks.push(await lockDirectory(directory));
      if (serverId !== null) await expectOwner(directory, serverId);
    }
  } catch (error) {
    await release();
    throw error;
  }
  return { release };
}

/**
 * A name in Linux' abstract socket namespace: it ends with the process, `kill -9` included, and leaves nothing behind.
 * It is seen inside one network namespace only.
 */
async function lockDirectory(directory: string): Promise<Server> {
  const { dev, ino } = await stat(directory);
  const lock = createServer((socket) => socket.destroy());
  return new Promise((resolve, reject) => {
    lock.once('error', (error) => {
      const inUse = systemErrorCode(error) === 'EADDRINUSE';
      const found = inUse ? 'one that another running server uses' : error.message;
      reject(new DirectoryError(directory, `expected a directory of our own, found ${found}`, { cause: error }));
    });
    lock.listen(`\0menagerie-ensemble-${dev}-${ino}`, () => {
      lock.unref();
      resolve(lock);
    });
  });
}

async function expectOwner(directory: string, serverId: ServerId): Promise<void> {
  const owner = await readOwner(directory);
  if (owner === null) {
    await writeFileDurably(directory, OWNER_FILE, `${OWNER_FILE}.tmp`, (handle) => handle.writeFile(`${serverId}\n`));
    return;
  }
  if (owner === String(serverId)) return;
  throw new DirectoryError(
    directory,
    `expected data of server ${serverId} as in myid, found data of server ${owner} (remove ${OWNER_FILE} if they were moved here on purpose)`,
  );
}

async function readOwner(directory: string): Promise<string | null> {
  try {
    return (await readFile(join(directory, OWNER_FILE), 'utf8')).trim();
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Bytes of the files in a directory, for `dirs` and `conf`; they may come and go meanwhile. */
export async function directorySize(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(directory)) {
    const info = await stat(join(directory, name)).catch(() => null);
    if (info?.isFile() === true) bytes += info.size;
  }
  return bytes;
}
