/**
 * Feeds a copy by watches that fire once, one or two a node: for servers before 3.6 and drivers that know no others.
 *
 * Every follower begins with a read, reads again after each change and each reconnect, and never trusts an event to say
 * what is true now.
 */
import { isClosed, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import type { Copy } from './copy.js';

type Work = (signal: AbortSignal, hasRead: () => void) => Promise<void>;

/** Resolves when the signal has fired or the client is closed. @throws what the server refuses for good. */
export async function followByOneShotWatches(client: ZooKeeperClient, copy: Copy, signal: AbortSignal): Promise<void> {
  const failure = new AbortController();
  const following = new OneShotFollowing(client, copy, AbortSignal.any([signal, failure.signal]));
  try {
    await following.run();
  } finally {
    failure.abort();
    await following.ended();
  }
}

class OneShotFollowing {
  private readonly running = new Set<Promise<void>>();
  /** One a path and kind; ended when the node is gone from its parent. */
  private readonly followers = new Map<string, AbortController>();
  /** Followers that have not read for the first time yet. */
  private unread = 0;
  private finish: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(
    private readonly client: ZooKeeperClient,
    private readonly copy: Copy,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<void> {
    // Followers come and go; one of them is there as long as the root is followed.
    const over = new Promise<void>((resolve, reject) => ([this.finish, this.fail] = [resolve, reject]));
    const { root, hasRoot } = this.copy.shape;
    this.begin(root, 0, hasRoot);
    await over;
  }

  async ended(): Promise<void> {
    await Promise.all(this.running);
  }

  private begin(path: string, level: number, withData: boolean): void {
    if (withData) this.followData(path);
    if (level < this.copy.shape.depth) this.followChildren(path, level);
  }

  private followData(path: string): void {
    this.follow('data', path, async (signal, hasRead) => {
      for await (const { data, stat } of this.client.watch(path, { kind: 'data', signal })) {
        this.copy.know(path, data && stat ? { path, data, stat } : null);
        hasRead();
      }
    });
  }

  private followChildren(path: string, level: number): void {
    this.follow('children', path, async (signal, hasRead) => {
      let known = new Set<string>();
      for await (const { children } of this.client.watch(path, { kind: 'children', signal })) {
        const now = new Set(children ?? []);
        for (const name of known) if (!now.has(name)) this.forget(join(path, name));
        for (const name of now) if (!known.has(name)) this.begin(join(path, name), level + 1, true);
        known = now;
        hasRead();
      }
    });
  }

  /** A node that is gone from its parent, and everything below it. */
  private forget(path: string): void {
    const below = join(path, '');
    const isIn = (each: string) => each === path || each.startsWith(below);
    for (const [key, follower] of this.followers) {
      if (isIn(key.slice(key.indexOf(' ') + 1))) follower.abort();
    }
    this.copy.forgetWhere(isIn);
  }

  private follow(kind: string, path: string, work: Work): void {
    const key = `${kind} ${path}`;
    this.followers.get(key)?.abort();
    const own = new AbortController();
    this.followers.set(key, own);
    this.unread += 1;
    this.copy.isCurrent = false;
    let isFirst = true;
    const hasRead = () => {
      if (!isFirst) return;
      isFirst = false;
      this.unread -= 1;
      if (this.unread === 0 && !this.signal.aborted) this.copy.becameCurrent();
    };
    const running = this.untilStopped(AbortSignal.any([this.signal, own.signal]), hasRead, work).finally(() => {
      hasRead();
      if (this.followers.get(key) === own) this.followers.delete(key);
      this.running.delete(running);
      if (this.running.size === 0) this.finish();
    });
    this.running.add(running);
  }

  private async untilStopped(signal: AbortSignal, hasRead: () => void, work: Work): Promise<void> {
    while (!signal.aborted) {
      try {
        return await work(signal, hasRead);
      } catch (error) {
        if (signal.aborted || isClosed(error)) return;
        if (!isPassing(error)) return this.fail(error);
        await breathe(signal);
      }
    }
  }
}
