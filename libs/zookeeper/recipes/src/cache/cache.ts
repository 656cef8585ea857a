/**
 * What the caches share: nodes that are followed, each by a read that leaves a watch, and events of what differs.
 *
 * Every follower begins with a read, reads again after each change and each reconnect, and never trusts an event to say
 * what is true now. What was made and undone while we were away leaves no trace, and needs none.
 */
import { isClosed, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { differences, isStale, type CachedNode, type CacheEvent } from './tree-diff.js';

export interface CacheOptions {
  readonly onEvent?: (event: CacheEvent) => void;
  /** Told once, of what ended the following other than `close`: missing permission, for instance. */
  readonly onFailure?: (error: unknown) => void;
  /** Nodes kept; one more ends the cache with `RECIPE_LIMIT`. Default 100,000. */
  readonly limit?: number;
}

export abstract class Cache implements AsyncDisposable {
  protected readonly nodes = new Map<string, CachedNode>();
  private readonly stop = new AbortController();
  private readonly running = new Set<Promise<void>>();
  /** One a path and kind; ended when the node is gone from its parent. */
  private readonly followers = new Map<string, AbortController>();
  /** Followers that have not read for the first time yet. */
  private unread = 0;
  private isStarted = false;
  private settled: () => void = () => undefined;
  private failed: (error: unknown) => void = () => undefined;
  private readonly ready = new Promise<void>((resolve, reject) => {
    this.settled = resolve;
    this.failed = reject;
  });

  protected constructor(
    private readonly client: ZooKeeperClient,
    private readonly options: CacheOptions,
  ) {
    this.ready.catch(() => undefined);
  }

  /**
   * Begins to follow; resolves when everything there was has been read once.
   * @throws RecipeError `RECIPE_MISUSED` when started twice or closed; what the server refuses for good.
   */
  async start(): Promise<void> {
    if (this.isStarted || this.stop.signal.aborted) {
      throw new RecipeError('RECIPE_MISUSED', 'this cache was started already, or closed', false);
    }
    this.isStarted = true;
    this.roots();
    await this.ready;
  }

  /** Whether a server stands behind the copy at this moment. */
  get isFresh(): boolean {
    return this.client.state === 'connected' && this.unread === 0 && this.isStarted && !this.stop.signal.aborted;
  }

  async close(): Promise<void> {
    this.stop.abort();
    this.failed(new RecipeError('RECIPE_ABORTED', 'the cache was closed before it had read everything', false));
    await Promise.all(this.running);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  protected abstract roots(): void;

  protected at(path: string): CachedNode | null {
    return this.nodes.get(path) ?? null;
  }

  protected followData(path: string): void {
    this.follow('data', path, async (signal, hasRead) => {
      for await (const { data, stat } of this.client.watch(path, { kind: 'data', signal })) {
        this.know(path, data && stat ? { path, data, stat } : null);
        hasRead();
      }
    });
  }

  protected followChildren(path: string, begin: (path: string) => void): void {
    this.follow('children', path, async (signal, hasRead) => {
      let known = new Set<string>();
      for await (const { children } of this.client.watch(path, { kind: 'children', signal })) {
        const now = new Set(children ?? []);
        for (const name of known) if (!now.has(name)) this.forget(join(path, name));
        for (const name of now) if (!known.has(name)) begin(join(path, name));
        known = now;
        hasRead();
      }
    });
  }

  private know(path: string, read: CachedNode | null): void {
    const before = this.nodes.get(path) ?? null;
    if (read !== null && isStale(before, read)) return;
    if (read === null) this.nodes.delete(path);
    else this.nodes.set(path, read);
    const limit = this.options.limit ?? 100_000;
    if (this.nodes.size > limit) throw new RecipeError('RECIPE_LIMIT', `more than ${limit} nodes to keep`, false);
    for (const event of differences(before, read)) this.options.onEvent?.(event);
  }

  /** A node that is gone from its parent, and everything below it, the deepest first. */
  private forget(path: string): void {
    const below = join(path, '');
    const isIn = (each: string) => each === path || each.startsWith(below);
    for (const [key, follower] of this.followers) {
      if (isIn(key.slice(key.indexOf(' ') + 1))) follower.abort();
    }
    const gone = [...this.nodes.keys()].filter(isIn).sort((a, b) => b.length - a.length);
    for (const each of gone) this.know(each, null);
  }

  private follow(kind: string, path: string, work: (signal: AbortSignal, hasRead: () => void) => Promise<void>): void {
    const key = `${kind} ${path}`;
    this.followers.get(key)?.abort();
    const own = new AbortController();
    this.followers.set(key, own);
    this.unread += 1;
    let isFirst = true;
    const hasRead = () => {
      if (!isFirst) return;
      isFirst = false;
      this.unread -= 1;
      if (this.unread === 0) this.settled();
    };
    const running = this.untilStopped(AbortSignal.any([this.stop.signal, own.signal]), hasRead, work).finally(() => {
      hasRead();
      if (this.followers.get(key) === own) this.followers.delete(key);
      this.running.delete(running);
    });
    this.running.add(running);
  }

  private async untilStopped(
    signal: AbortSignal,
    hasRead: () => void,
    work: (signal: AbortSignal, hasRead: () => void) => Promise<void>,
  ): Promise<void> {
    while (!signal.aborted) {
      try {
        return await work(signal, hasRead);
      } catch (error) {
        if (signal.aborted || isClosed(error)) return;
        if (isPassing(error)) {
          await breathe(signal);
          continue;
        }
        this.stop.abort();
        this.failed(error);
        this.options.onFailure?.(error);
      }
    }
  }
}
