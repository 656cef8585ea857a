/** What a client wants for an ACL, made into what is stored. Source: PrepRequestProcessor.fixupACL (ZOOKEEPER-1877). */
import type { Acl, Id } from '@menagerie/zookeeper-protocol';
import type { AuthProviders } from './provider.js';

/**
 * Duplicates go, `auth` becomes the caller's proven identities, all other ids must be valid in their scheme.
 *
 * @returns null if the ACL is invalid: empty, of an unknown scheme, or `auth` from somebody who proved nothing
 */
export function fixupAcl(
  providers: AuthProviders,
  identities: readonly Id[],
  acl: readonly Acl[] | null,
): readonly Acl[] | null {
  if (acl === null || acl.length === 0) return null;
  // Nearly every node has just this.
  if (acl.length === 1 && isWorld(acl[0]!.id)) return acl;
  const fixed: Acl[] = [];
  for (const entry of withoutDuplicates(acl)) {
    if (isWorld(entry.id)) {
      fixed.push(entry);
    } else if (entry.id.scheme === 'auth') {
      const proven = identities.filter(({ scheme }) => providers.get(scheme)?.provesIdentity === true);
      if (proven.length === 0) return null;
      for (const id of proven) fixed.push({ perms: entry.perms, id });
    } else {
      if (providers.get(entry.id.scheme)?.isValid(entry.id.id) !== true) return null;
      fixed.push(entry);
    }
  }
  return fixed;
}

const isWorld = ({ scheme, id }: Id): boolean => scheme === 'world' && id === 'anyone';

function withoutDuplicates(acl: readonly Acl[]): Acl[] {
  const unique = new Map<string, Acl>();
  for (const entry of acl) {
    const key = JSON.stringify([entry.perms, entry.id.scheme, entry.id.id]);
    if (!unique.has(key)) unique.set(key, entry);
  }
  return [...unique.values()];
}
