/**
 * Several locks as one: all of them or none.
 * Source: Curator's InterProcessMultiLock, which takes them in the order given; here they are taken in the order of
 * their paths, so that two callers with the same locks in different orders do not wait for each other for ever.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import type { NodeGrant } from '../support/grant.js';
import { Patience, type WaitOptions } from '../support/waiting.js';
import { Lock, type LockOptions } from './lock.js';

export interface MultiGrant extends AsyncDisposable {
  /** Each guarded thing has its own token; a token of one says nothing about another. */
  readonly fencingTokens: ReadonlyMap<string, bigint>;
  /** Fires when any of them is lost. */
  readonly signal: AbortSignal;
  readonly held: boolean;
  /** Gives all back, the last taken first. @throws RecipeError as `Grant.release`, after all the others were given back. */
  release(): Promise<void>;
}

/** More locks than this in one go are a design that wants one coarser lock. */
const MAX_LOCKS = 100;

export class MultiLock {
  /** By path. */
  private readonly locks: readonly Lock[];

  /** @throws RecipeError `RECIPE_MISUSED` for no path, the same path twice, or more than 100. */
  constructor(client: ZooKeeperClient, paths: readonly string[], options: LockOptions = {}) {
    const distinct = [...new Set(paths)].sort();
    if (distinct.length !== paths.length || distinct.length === 0 || distinct.length > MAX_LOCKS) {
      const got = `${paths.length} of which ${distinct.length} are distinct`;
      throw new RecipeError('RECIPE_MISUSED', `expected 1 to ${MAX_LOCKS} distinct paths, got ${got}`, false);
    }
    this.locks = distinct.map((path) => new Lock(client, path, options));
  }

  /** @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT`, `RECIPE_GRANT_LOST`: one went while waiting for the next. */
  async acquire(wait: WaitOptions = {}): Promise<MultiGrant> {
    using patience = new Patience(`acquiring ${this.locks.map((lock) => lock.path).join(', ')}`, wait);
    const grants = new Map<string, NodeGrant>();
    try {
      for (const lock of this.locks) {
        const signal = AbortSignal.any([patience.signal, ...[...grants.values()].map((grant) => grant.signal)]);
        grants.set(lock.path, await lock.acquire({ signal }));
      }
      return new HeldLocks(grants);
    } catch (error) {
      for (const grant of [...grants.values()].reverse()) await grant.giveBack();
      throw patience.isOver ? patience.error() : error;
    }
  }
}

class HeldLocks implements MultiGrant {
  readonly fencingTokens: ReadonlyMap<string, bigint>;
  readonly signal: AbortSignal;

  constructor(private readonly grants: ReadonlyMap<string, NodeGrant>) {
    this.fencingTokens = new Map([...grants].map(([path, grant]) => [path, grant.fencingToken]));
    this.signal = AbortSignal.any([...grants.values()].map((grant) => grant.signal));
  }

  get held(): boolean {
    return !this.signal.aborted;
  }

  async release(): Promise<void> {
    const failures: unknown[] = [];
    for (const grant of [...this.grants.values()].reverse()) await grant.release().catch((e) => failures.push(e));
    if (failures.length > 0) throw failures[0];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const grant of [...this.grants.values()].reverse()) await grant.giveBack();
  }
}
