/** The secret that all processes of a system prove who they are by: in a file of theirs, made by whoever needs it first. */
import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

const CREDENTIALS = /^[\w-]+:\S{16,200}$/;

/**
 * @param user the name in credentials that are made: `center`
 * @returns `user:secret`, as the digest scheme takes it. Of processes that start together, one makes the file
 * @throws Error when the file cannot be read or made, or holds something else
 */
export function credentialsIn(file: string, user: string): string {
  mkdirSync(dirname(file), { recursive: true });
  try {
    const handle = openSync(file, 'wx', 0o600);
    writeSync(handle, `${user}:${randomBytes(24).toString('base64url')}\n`);
    closeSync(handle);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const credentials = readFileSync(file, 'utf8').trim();
  if (!CREDENTIALS.test(credentials)) throw new Error('it does not hold name:secret');
  return credentials;
}
