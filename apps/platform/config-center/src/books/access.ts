/** Who may read and write what: the center everything, everybody what is no secret, named readers an application's secrets. */
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Acl, digestId, type Id, Perms } from '@menagerie/zookeeper-client';

const ANYONE: Id = { scheme: 'world', id: 'anyone' };
const CREDENTIALS = /^[\w-]+:\S{16,200}$/;

/** The credentials in a file; a new secret when there is no such file. Of centers that start together, one makes it. */
export function credentialsIn(file: string): string {
  mkdirSync(dirname(file), { recursive: true });
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, `center:${randomBytes(24).toString('base64url')}\n`);
    closeSync(handle);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const credentials = readFileSync(file, 'utf8').trim();
  if (!CREDENTIALS.test(credentials)) throw new Error('it does not hold name:secret');
  return credentials;
}

export class Access {
  private readonly center: Acl;

  constructor(credentials: string) {
    this.center = { perms: Perms.ALL, id: digestId(credentials) };
  }

  get open(): readonly Acl[] {
    return [this.center, { perms: Perms.READ, id: ANYONE }];
  }

  get own(): readonly Acl[] {
    return [this.center];
  }

  /** @param readers `name:base64(sha1(name:password))`, as ZooKeeper's digest scheme has it */
  secret(readers: readonly string[]): readonly Acl[] {
    return [this.center, ...readers.map((id) => ({ perms: Perms.READ, id: { scheme: 'digest', id } }))];
  }
}
