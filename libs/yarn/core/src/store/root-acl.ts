/**
 * The fence: an ACL on the store's root that lets only one ResourceManager create and delete below it.
 *
 * Everybody keeps the rest, admin above all, so the next active can put its own fence in place of this one; from that
 * moment every write of the older one is refused, whatever it believes to be.
 *
 * Source: `ZKRMStateStore.constructZkRootNodeACL`.
 */
import { type Acl, type Id, Perms } from '@menagerie/zookeeper-protocol';

/**
 * What an active authenticates with, in scheme digest.
 *
 * @param rmAddress `host:port`; up to the colon it is the user, by which a person who reads the ACL knows the holder
 * @param password random and new for each process: a restarted ResourceManager must not inherit its own old fence
 */
export const fencingCredentials = (rmAddress: string, password: string): string => `${rmAddress}:${password}`;

const EXCLUSIVE = Perms.CREATE | Perms.DELETE;

/** The root's ACL: the shared principals without create and delete, and one identity with nothing else. */
export function fencedRootAcl(shared: readonly Acl[], holder: Id): readonly Acl[] {
  return [...shared.map((acl) => ({ perms: acl.perms & ~EXCLUSIVE, id: acl.id })), { perms: EXCLUSIVE, id: holder }];
}
