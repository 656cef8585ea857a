/** Who may read and write what: tasks hold passwords and are for ourselves, how it goes is for everybody. */
import { type Acl, digestId, Perms } from '@menagerie/zookeeper-client';

export interface Access {
  readonly own: readonly Acl[];
  readonly readable: readonly Acl[];
}

export function accessOf(credentials: string): Access {
  const ours: Acl = { perms: Perms.ALL, id: digestId(credentials) };
  return { own: [ours], readable: [ours, { perms: Perms.READ, id: { scheme: 'world', id: 'anyone' } }] };
}
