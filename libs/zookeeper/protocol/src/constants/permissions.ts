/** Permission bits and the three ACLs everybody uses. Source: ZooDefs.Perms, ZooDefs.Ids. */
import type { Acl } from '../types.js';

export const Perms = {
  READ: 1,
  WRITE: 2,
  CREATE: 4,
  DELETE: 8,
  ADMIN: 16,
  ALL: 31,
} as const;

export type Perms = (typeof Perms)[keyof typeof Perms];

const anyone = Object.freeze({ scheme: 'world', id: 'anyone' });

/** Everyone may do everything. */
export const OPEN_ACL: readonly Acl[] = Object.freeze([Object.freeze({ perms: Perms.ALL, id: anyone })]);

/** Everyone may read. */
export const READ_ACL: readonly Acl[] = Object.freeze([Object.freeze({ perms: Perms.READ, id: anyone })]);

/** The identities of the creating connection may do everything; the server puts them in the place of `auth`. */
export const CREATOR_ALL_ACL: readonly Acl[] = Object.freeze([
  Object.freeze({ perms: Perms.ALL, id: Object.freeze({ scheme: 'auth', id: '' }) }),
]);
