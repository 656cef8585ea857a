/** Where MariaDB's programs are. The server itself is enough (`mariadb-server-core`): nothing of the system's is used. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { DatabaseError } from './errors.js';

const ALSO = ['/usr/sbin', '/usr/bin', '/usr/local/sbin', '/usr/local/bin'];

function find(program: string): string | null {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), ...ALSO]) {
    const path = join(folder, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not there.
    }
  }
  return null;
}

export interface Programs {
  readonly server: string;
  readonly installer: string;
}

/** @returns why there is none, or null: for the title of a test that is skipped */
export function databaseMissing(): string | null {
  if (find('mariadbd') !== null && find('mariadb-install-db') !== null) return null;
  return 'MariaDB is not installed (apt-get install --no-install-recommends mariadb-server-core)';
}

/** @throws DatabaseError `DATABASE_NOT_INSTALLED` */
export function programs(): Programs {
  const server = find('mariadbd');
  const installer = find('mariadb-install-db');
  if (server !== null && installer !== null) return { server, installer };
  throw new DatabaseError('DATABASE_NOT_INSTALLED', databaseMissing() ?? 'MariaDB is not installed');
}
