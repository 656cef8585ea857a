/** Words the claims are written in. */
import { type Acl, JuteWriter, Perms } from '@menagerie/zookeeper-protocol';
import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { Answer } from '../client/client.js';

/** Jute written by hand, for bodies no encoder would make. */
export function jute(write: (writer: JuteWriter) => void): Buffer {
  const writer = new JuteWriter(256);
  write(writer);
  return writer.toBuffer();
}

export function expectError(answer: { readonly error: string }, error: string): void {
  expect(answer.error).toBe(error);
}

/** Several answers at once, as the errors they carry. */
export const errorsOf = (answers: readonly Answer<unknown>[]): string[] => answers.map(({ error }) => error);

export const world = (perms: number): Acl => ({ perms, id: { scheme: 'world', id: 'anyone' } });

export const digestAcl = (perms: number, user: string, password: string): Acl => ({
  perms,
  id: { scheme: 'digest', id: digestId(user, password) },
});

/** How a digest identity is written in an ACL: the user, and a hash of both. */
export const digestId = (user: string, password: string): string =>
  `${user}:${createHash('sha1').update(`${user}:${password}`).digest('base64')}`;

export const ipAcl = (perms: number, id: string): Acl => ({ perms, id: { scheme: 'ip', id } });

/** All permissions but one. */
export const worldBut = (missing: number): Acl => world(Perms.ALL & ~missing);
