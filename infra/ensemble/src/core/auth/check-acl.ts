/** Whether somebody may do something with a node. Source: ZooKeeperServer.checkACL. */
import type { Id } from '@menagerie/zookeeper-protocol';
import type { AclEntry } from '../tree/acl-table.js';
import { SUPER_SCHEME } from './digest-provider.js';
import type { AuthProviders } from './provider.js';

/**
 * The first entry that grants one of the wanted permissions to one of the identities decides. What everyone may do
 * was worked out when the ACL was interned.
 *
 * @param perms bits of `Perms`, any of which suffices
 */
export function isAllowed(
  providers: AuthProviders,
  entry: AclEntry,
  perms: number,
  identities: readonly Id[],
): boolean {
  if ((entry.worldPerms & perms) !== 0) return true;
  for (let i = 0; i < identities.length; i++) if (identities[i]!.scheme === SUPER_SCHEME) return true;
  for (const { perms: granted, id: who } of entry.acl) {
    if ((granted & perms) === 0) continue;
    const provider = providers.get(who.scheme);
    if (provider === undefined) continue;
    for (const identity of identities) {
      if (identity.scheme === who.scheme && provider.matches(identity.id, who.id)) return true;
    }
  }
  return false;
}
