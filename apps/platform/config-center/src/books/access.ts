/** Who may read and write what: the center everything, everybody what is no secret, named readers an application's secrets. */
import { type Acl, digestId, type Id, Perms } from '@menagerie/zookeeper-client';

const ANYONE: Id = { scheme: 'world', id: 'anyone' };

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
