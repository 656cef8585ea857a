/** What the caches share: a copy, something that feeds it, a beginning and an end. */
import { isZooKeeperError, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { Copy, type CopyShape } from './copy.js';
import { followByOneShotWatches } from './one-shot-following.js';
import { followByPersistentWatch } from './persistent-following.js';
import type { CachedNode, CacheEvent } from './tree-diff.js';

export interface CacheOptions {
  readonly onEvent?: (event: CacheEvent) => void;
  /** Told once, of what ended the following other than `close`: missing permission, for instance. */
  readonly onFailure?: (error: unknown) => void;
  /** Nodes kept; one more ends the cache with `RECIPE_LIMIT`. Default 100,000. */
  readonly limit?: number;
  /**
   * `persistent`: one watch for all of it, for servers from 3.6; where the driver has none, as `one-shot`: one or two a
   * node. Take `one-shot` with servers before 3.6, and with Apache's before 3.9 if something else in this client watches
   * the cache's root: those keep one kind of watch a node and connection (ZOOKEEPER-4466). Default `persistent`.
   */
  readonly watches?: 'persistent' | 'one-shot';
}

const DEFAULT_LIMIT = 100_000;

export abstract class Cache implements AsyncDisposable {
  protected readonly copy: Copy;
  private readonly stop = new AbortController();
  private running: Promise<void> | null = null;
  private settled: () => void = () => undefined;
  private failed: (error: unknown) => void = () => undefined;
  private readonly ready = new Promise<void>((resolve, reject) => {
    this.settled = resolve;
    this.failed = reject;
  });

  protected constructor(
    private readonly client: ZooKeeperClient,
    private readonly options: CacheOptions,
    shape: CopyShape,
  ) {
    this.copy = new Copy(shape, options.limit ?? DEFAULT_LIMIT, options.onEvent, () => this.settled());
    this.ready.catch(() => undefined);
  }

  /**
   * Begins to follow; resolves when everything there was has been read once.
   * @throws RecipeError `RECIPE_MISUSED` when started twice or closed; what the server refuses for good.
   */
  async start(): Promise<void> {
    if (this.running !== null || this.stop.signal.aborted) {
      throw new RecipeError('RECIPE_MISUSED', 'this cache was started already, or closed', false);
    }
    this.running = this.follow();
    await this.ready;
  }

  /** Whether a server stands behind the copy at this moment. */
  get isFresh(): boolean {
    return this.client.state === 'connected' && this.copy.isCurrent && !this.stop.signal.aborted;
  }

  async close(): Promise<void> {
    this.stop.abort();
    this.failed(closedTooEarly());
    await this.running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected at(path: string): CachedNode | null {
    return this.copy.nodes.get(path) ?? null;
  }

  private async follow(): Promise<void> {
    const { client, copy } = this;
    const { signal } = this.stop;
    try {
      if (this.options.watches === 'one-shot') return await followByOneShotWatches(client, copy, signal);
      try {
        await followByPersistentWatch(client, copy, signal);
      } catch (error) {
        if (!isZooKeeperError(error) || error.code !== 'ZK_UNIMPLEMENTED') throw error;
        await followByOneShotWatches(client, copy, signal);
      }
    } catch (error) {
      this.stop.abort();
      this.failed(error);
      this.options.onFailure?.(error);
    } finally {
      // Nobody waits for it any more, unless the client was closed first.
      this.failed(closedTooEarly());
    }
  }
}

const closedTooEarly = () =>
  new RecipeError('RECIPE_ABORTED', 'the cache, or its client, was closed before it had read everything', false);
