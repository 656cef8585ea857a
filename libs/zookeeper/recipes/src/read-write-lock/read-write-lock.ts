/**
 * A lock that many may share for reading and one may have for writing, fair in the order of asking.
 * Source: "Shared Locks" of the ZooKeeper recipes; Curator's InterProcessReadWriteLock.
 *
 * There is no upgrade from read to write: two readers that both try would wait for each other for ever.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { Acl } from '@menagerie/zookeeper-protocol';
import { contend } from '../support/contention.js';
import type { Grant } from '../support/grant.js';
import type { WaitOptions } from '../support/waiting.js';
import { decideReadWriteLock, decideReadWriteLockAsHerd, READ_KIND, WRITE_KIND } from './read-write-lock-decision.js';

export interface ReadWriteLockOptions {
  readonly identity?: string;
  readonly acl?: readonly Acl[];
  /** Everybody waits for any change. Only for comparison. */
  readonly herd?: boolean;
  readonly onNotified?: () => void;
}

export class ReadWriteLock {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly options: ReadWriteLockOptions = {},
  ) {}

  /** Together with other readers. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  read(wait: WaitOptions = {}): Promise<Grant> {
    return this.acquire(READ_KIND, wait);
  }

  /** Alone. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  write(wait: WaitOptions = {}): Promise<Grant> {
    return this.acquire(WRITE_KIND, wait);
  }

  private acquire(kind: string, wait: WaitOptions): Promise<Grant> {
    const { identity = '', acl, herd, onNotified } = this.options;
    const contention = {
      directory: this.path,
      kind,
      data: identity,
      decide: herd ? decideReadWriteLockAsHerd : decideReadWriteLock,
      watchDirectory: herd ?? false,
      ...(acl ? { acl } : {}),
      ...(onNotified ? { onNotified } : {}),
    };
    return contend(this.client, contention, wait);
  }
}
