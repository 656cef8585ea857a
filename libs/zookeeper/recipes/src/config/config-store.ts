/**
 * Configuration that is published at one place and followed by many: `/config/<app>/<key>`.
 * Source: "From Paxos to ZooKeeper", 6.1.1: push and pull, the event says that something changed and the reader asks.
 *
 * A follower sees the latest value, not every one: what changes twice while it is away is one change. A value that
 * cannot be understood is reported and not applied: the last good one stays. Several keys that must change together are
 * published together, in one transaction.
 */
import {
  isBadVersion,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  type NodeData,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { makeDirectory } from '../support/make-directory.js';

export interface ConfigEntry<T> {
  readonly value: T;
  /** Of the node's data; -1 when the key is not there. */
  readonly version: number;
}

export interface FollowOptions<T> {
  /** From the bytes to the value; what it throws means that the value is no good. Default: text. */
  readonly parse?: (data: Buffer) => T;
  /** The value while the key is not there. Without it, a key that is missing is waited for. */
  readonly fallback?: T;
  /** Told of values that were not applied. */
  readonly onRejected?: (error: unknown, version: number) => void;
  /** Applies a change after a random time of up to so many milliseconds, so that a large fan-out does not act at once. */
  readonly jitterMs?: number;
  readonly signal?: AbortSignal;
}

const KEY = /^[\w.-]{1,200}$/;
/** A value above this does not belong into a coordinator, though the server would take it. */
const MAX_VALUE_BYTES = 512 * 1024;
const MAX_TRIES = 100;

export class ConfigStore {
  /** @param path for instance `/config/shop`. */
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
  ) {}

  /** @returns `null` when the key is not there. */
  async get(key: string): Promise<ConfigEntry<Buffer> | null> {
    try {
      const { data, stat } = await this.client.getData(this.nodeOf(key));
      return { value: data, version: stat.version };
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  async keys(): Promise<readonly string[]> {
    try {
      return [...(await this.client.getChildren(this.path)).children].sort();
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  /**
   * Publishes one value. Publishing the same twice is safe, and done when a reply is lost.
   * @param expectedVersion refuse when somebody published since; -1 for "must not be there yet".
   * @throws RecipeError `RECIPE_FENCED` when the version is another, `RECIPE_LIMIT` for a value over 512 KiB.
   */
  async publish(key: string, value: NodeData, expectedVersion?: number): Promise<void> {
    await this.publishAll(new Map([[key, { value, ...(expectedVersion === undefined ? {} : { expectedVersion }) }]]));
  }

  /** Several keys at once, all or none. */
  async publishAll(
    entries: ReadonlyMap<string, { readonly value: NodeData; readonly expectedVersion?: number }>,
  ): Promise<void> {
    for (const [key, { value }] of entries) this.check(key, value);
    const guarded = [...entries.values()].some(({ expectedVersion }) => expectedVersion !== undefined);
    for (let tries = 1; ; tries += 1) {
      try {
        await this.client.multi(await this.operations(entries));
        return;
      } catch (error) {
        if (isNoNode(error)) await makeDirectory(this.client, this.path);
        else if (guarded && (isBadVersion(error) || isNodeExists(error))) throw this.changed(entries);
        // Repeating a change that asked for a version could take our own first try for somebody else's.
        else if (guarded && isMaybeDone(error)) throw error;
        else if (!isNodeExists(error) && !isMaybeDone(error) && !isPassing(error)) throw error;
        if (tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Content with a key that is not there. */
  async remove(key: string): Promise<void> {
    try {
      await this.client.delete(this.nodeOf(key));
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
  }

  /** The value now and after each change that can be understood. Ends when the signal fires or the client is closed. */
  async *follow<T = string>(key: string, options: FollowOptions<T> = {}): AsyncGenerator<ConfigEntry<T>, void, void> {
    const { signal, fallback, jitterMs = 0 } = options;
    const parse = options.parse ?? ((data: Buffer) => data.toString() as T);
    const node = this.nodeOf(key);
    let isFirst = true;
    for (;;) {
      try {
        const watch = { kind: 'data' as const, ...(signal ? { signal } : {}) };
        for await (const { data, stat } of this.client.watch(node, watch)) {
          if (!isFirst && jitterMs > 0) await breathe(signal, Math.random() * jitterMs);
          isFirst = false;
          if (data === null || stat === null) {
            if (fallback !== undefined) yield { value: fallback, version: -1 };
            continue;
          }
          const parsed = this.tryToParse(parse, data, stat.version, options.onRejected);
          if (parsed) yield { value: parsed.value, version: stat.version };
        }
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await breathe(signal);
      }
    }
  }

  private tryToParse<T>(
    parse: (data: Buffer) => T,
    data: Buffer,
    version: number,
    onRejected: FollowOptions<T>['onRejected'],
  ): { readonly value: T } | null {
    try {
      return { value: parse(data) };
    } catch (error) {
      onRejected?.(error, version);
      return null;
    }
  }

  private async operations(
    entries: ReadonlyMap<string, { readonly value: NodeData; readonly expectedVersion?: number }>,
  ) {
    const operations = [];
    for (const [key, { value, expectedVersion }] of entries) {
      const path = this.nodeOf(key);
      const isNew = expectedVersion === undefined ? (await this.client.exists(path)) === null : expectedVersion === -1;
      operations.push(
        isNew
          ? { kind: 'create' as const, path, data: value }
          : { kind: 'set-data' as const, path, data: value, version: expectedVersion ?? -1 },
      );
    }
    return operations;
  }

  private check(key: string, value: NodeData): void {
    this.nodeOf(key);
    const bytes = typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength;
    if (bytes <= MAX_VALUE_BYTES) return;
    throw new RecipeError('RECIPE_LIMIT', `${key}: expected at most ${MAX_VALUE_BYTES} bytes, got ${bytes}`, false);
  }

  private changed(entries: ReadonlyMap<string, unknown>): RecipeError {
    const keys = [...entries.keys()].join(', ');
    return new RecipeError('RECIPE_FENCED', `${this.path}: ${keys} changed since the version expected`, true);
  }

  private nodeOf(key: string): string {
    if (KEY.test(key) && key !== '.' && key !== '..') return join(this.path, key);
    throw new RecipeError('RECIPE_MISUSED', `expected a key of letters, digits, "._-", got "${key}"`, false);
  }
}
