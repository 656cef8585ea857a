/**
 * Who is there: each member an ephemeral node with its data, and a local copy of all of them.
 * Source: Curator's GroupMember.
 * Suspended: the list may be old. Lost: we are gone from it, and back with the next session.
 */
import type { NodeData, ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { ChildrenCache } from '../cache/children-cache.js';
import { join } from '../support/names.js';
import { PersistentNode } from './persistent-node.js';

export interface GroupOptions {
  readonly data?: NodeData;
  readonly onChange?: (members: ReadonlyMap<string, Buffer>) => void;
  readonly onFailure?: (error: unknown) => void;
}

export class Group implements AsyncDisposable {
  private readonly own: PersistentNode;
  private readonly cache: ChildrenCache;

  /** @param identity unique among the members: the name of our node. */
  constructor(client: ZooKeeperClient, path: string, identity: string, options: GroupOptions = {}) {
    if (!/^[^/]+$/.test(identity)) {
      throw new RecipeError('RECIPE_MISUSED', `expected a member's name without a slash, got "${identity}"`, false);
    }
    const { onFailure, onChange } = options;
    const failure = onFailure ? { onFailure } : {};
    this.own = new PersistentNode(client, join(path, identity), options.data ?? '', failure);
    this.cache = new ChildrenCache(client, path, { onEvent: () => onChange?.(this.members), ...failure });
  }

  /** Joins, and resolves when the members of this moment are known. */
  async start(): Promise<void> {
    this.own.start();
    await this.cache.start();
  }

  /** Those known now, by name. Ourselves among them once our node has been seen. */
  get members(): ReadonlyMap<string, Buffer> {
    return new Map([...this.cache.children].map(([name, node]) => [name, node.data]));
  }

  setData(data: NodeData): void {
    this.own.setData(data);
  }

  async close(): Promise<void> {
    await this.cache.close();
    await this.own.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
