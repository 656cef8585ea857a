/**
 * Each different ACL once, counted by the nodes that have it. A snapshot names ACLs by number; -1 is "everyone may do
 * everything" and is in no table. Source: ReferenceCountedACLCache.java.
 */
import { type Acl, OPEN_ACL, Perms } from '@menagerie/zookeeper-protocol';

export const OPEN_ACL_ID = -1;

/** One interned ACL. Its list never changes; a node gets another entry instead. */
export class AclEntry {
  /** How many nodes have it. Invariant: an entry of the table with no uses is gone from it. */
  uses = 0;
  /** What everyone may do, whoever they are: most checks end here. */
  readonly worldPerms: number;

  constructor(
    /** -1 for the open one; 0 for an entry that no node has (yet). */
    public id: number,
    readonly acl: readonly Acl[],
  ) {
    // Apache lets everybody pass where the list is empty.
    this.worldPerms =
      acl.length === 0 ? Perms.ALL : acl.reduce((perms, { perms: p, id: who }) => perms | (isAnyone(who) ? p : 0), 0);
  }
}

const isAnyone = (who: { scheme: string; id: string }): boolean => who.scheme === 'world' && who.id === 'anyone';

/**
 * Where a node names an ACL that its snapshot does not have (ZOOKEEPER-3306, ZOOKEEPER-4846: the table was written
 * before the nodes). Nobody but a superuser passes until the replayed transaction says what it should be.
 */
const LOST_ACL: readonly Acl[] = Object.freeze([
  Object.freeze({ perms: 0, id: Object.freeze({ scheme: 'world', id: 'anyone' }) }),
]);

export class AclTable {
  readonly open = new AclEntry(OPEN_ACL_ID, OPEN_ACL);
  private readonly byId = new Map<number, AclEntry>();
  private readonly byKey = new Map<string, AclEntry>();
  /** Ids are not used twice, so that a running snapshot's table can not come to mean something else. */
  private lastId = 0;

  /** Entries in use, without the open one. */
  get size(): number {
    return this.byId.size;
  }

  entries(): Iterable<AclEntry> {
    return this.byId.values();
  }

  /** The entry for this list, made if need be, for one more node. */
  acquire(acl: readonly Acl[] | null): AclEntry {
    const entry = this.find(acl);
    if (entry.id === 0) {
      entry.id = ++this.lastId;
      this.byId.set(entry.id, entry);
      this.byKey.set(keyOf(entry.acl), entry);
    }
    entry.uses++;
    return entry;
  }

  /** The entry for this list if a node has it, else one that stands alone. */
  find(acl: readonly Acl[] | null): AclEntry {
    if (acl === null || isOpen(acl)) return this.open;
    return this.byKey.get(keyOf(acl)) ?? new AclEntry(0, acl);
  }

  /** One node less has it. */
  release(entry: AclEntry): void {
    entry.uses--;
    if (entry.uses <= 0 && entry !== this.open) this.forget(entry);
  }

  /** A line of a snapshot's table; it comes before the nodes, so nobody uses it yet. */
  load(id: number, acl: readonly Acl[]): void {
    if (id === OPEN_ACL_ID) return;
    const entry = new AclEntry(id, acl);
    this.byId.set(id, entry);
    this.byKey.set(keyOf(acl), entry);
    this.lastId = Math.max(this.lastId, id);
  }

  /** @param id of an entry that a node has */
  get(id: number): AclEntry {
    return id === OPEN_ACL_ID ? this.open : this.byId.get(id)!;
  }

  /** A node of a snapshot names its ACL. */
  acquireById(id: number): AclEntry {
    const entry = id === OPEN_ACL_ID ? this.open : (this.byId.get(id) ?? this.lost(id));
    entry.uses++;
    return entry;
  }

  isLost(entry: AclEntry): boolean {
    return entry.acl === LOST_ACL;
  }

  /** After a load: entries that no node had. */
  purgeUnused(): void {
    for (const entry of [...this.byId.values()]) if (entry.uses === 0) this.forget(entry);
  }

  private lost(id: number): AclEntry {
    const entry = new AclEntry(id, LOST_ACL);
    this.byId.set(id, entry);
    this.lastId = Math.max(this.lastId, id);
    return entry;
  }

  private forget(entry: AclEntry): void {
    this.byId.delete(entry.id);
    const key = keyOf(entry.acl);
    if (this.byKey.get(key) === entry) this.byKey.delete(key);
    entry.id = 0;
  }
}

function isOpen(acl: readonly Acl[]): boolean {
  if (acl.length !== 1) return false;
  const only = acl[0]!;
  return only.perms === Perms.ALL && isAnyone(only.id);
}

/** Two lists are the same ACL if they are equal in order, as in Apache. */
function keyOf(acl: readonly Acl[]): string {
  return JSON.stringify(acl.map(({ perms, id }) => [perms, id.scheme, id.id]));
}
