/**
 * Feeds a copy by one watch that stays, of the root and (if the shape has levels) of everything below it.
 *
 * An event only says which node to read again: what is true now is what is read. What happened while there was no
 * connection is not told, so after each reconnect and in each new session everything is read and compared. One read at a
 * time; what changes meanwhile is noted by path, so nothing piles up.
 */
import {
  isClosed,
  isNoNode,
  isSessionLost,
  type PersistentWatch,
  type WatchEvent,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import type { Copy } from './copy.js';

/** Reads under way at a time: far below the client's limit of pending calls. */
const READS_AT_A_TIME = 500;
/** The watch is taken away for tidiness: who closes in an outage need not wait for its end. */
const REMOVE_MS = 1_000;

/**
 * Resolves when the signal has fired or the client is closed.
 * @throws the client's `ZK_UNIMPLEMENTED` where such watches are not to be had; what the server refuses for good.
 */
export async function followByPersistentWatch(client: ZooKeeperClient, copy: Copy, signal: AbortSignal): Promise<void> {
  await new PersistentFollowing(client, copy, signal).run();
}

class PersistentFollowing {
  /** Null until it is armed, and again when its session is over. */
  private watch: PersistentWatch | null = null;
  private mustReadAll = true;
  private readonly dirty = new Set<string>();
  private wake: () => void = () => undefined;

  constructor(
    private readonly client: ZooKeeperClient,
    private readonly copy: Copy,
    private readonly signal: AbortSignal,
  ) {}

  async run(): Promise<void> {
    const { client, signal } = this;
    const off = client.on('state', ({ state, reason }) => {
      if (state === 'closed' || reason === 'reattached' || reason === 'no-quorum') this.readAllAgain();
    });
    const onAbort = () => this.wake();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      while (!signal.aborted) {
        try {
          await this.turn();
        } catch (error) {
          if (signal.aborted || isClosed(error)) return;
          if (!isPassing(error) && !isSessionLost(error)) throw error;
          this.mustReadAll = true;
          await breathe(signal);
        }
      }
    } finally {
      off();
      signal.removeEventListener('abort', onAbort);
      await this.watch?.remove({ timeoutMs: REMOVE_MS }).catch(() => undefined);
    }
  }

  private async turn(): Promise<void> {
    const { client, copy, signal } = this;
    const { root, depth } = copy.shape;
    this.watch ??= await client.addWatch(root, (event) => this.hear(event), { recursive: depth > 0, signal });
    if (this.mustReadAll) {
      this.mustReadAll = false;
      this.dirty.clear();
      await this.readAll();
      if (!this.mustReadAll) copy.becameCurrent();
    } else if (this.dirty.size > 0) {
      const paths = [...this.dirty].slice(0, READS_AT_A_TIME);
      for (const path of paths) this.dirty.delete(path);
      await Promise.all(paths.map((path) => this.readNode(path)));
    } else await new Promise<void>((resolve) => (this.wake = resolve));
  }

  private hear({ type, path }: WatchEvent): void {
    if (type === 'session-lost') {
      this.watch = null;
      this.readAllAgain();
    } else if (type !== 'children-changed' && this.isInShape(path)) {
      this.dirty.add(path);
      this.wake();
    }
  }

  private readAllAgain(): void {
    this.mustReadAll = true;
    this.copy.isCurrent = false;
    this.wake();
  }

  private isInShape(path: string): boolean {
    const { root, hasRoot, depth } = this.copy.shape;
    if (path === root) return hasRoot;
    return path.slice(join(root, '').length).split('/').length <= depth;
  }

  /** Level by level, so that parents are told before their children. */
  private async readAll(): Promise<void> {
    const { root, hasRoot, depth } = this.copy.shape;
    const seen = new Set<string>();
    let level: readonly string[] = [root];
    for (let at = 0; at <= depth && level.length > 0; at += 1) {
      const below: string[] = [];
      for (let from = 0; from < level.length; from += READS_AT_A_TIME / 2) {
        const paths = level.slice(from, from + READS_AT_A_TIME / 2);
        const lists = await Promise.all(
          paths.map(async (path) => {
            if (at > 0 || hasRoot) await this.readNode(path);
            seen.add(path);
            return at < depth ? await this.childrenOf(path) : [];
          }),
        );
        for (const list of lists) below.push(...list);
      }
      level = below;
    }
    this.copy.forgetWhere((path) => !seen.has(path));
  }

  private async readNode(path: string): Promise<void> {
    try {
      const { data, stat } = await this.client.getData(path, { signal: this.signal });
      this.copy.know(path, { path, data, stat });
    } catch (error) {
      if (!isNoNode(error)) throw error;
      this.copy.know(path, null);
    }
  }

  private async childrenOf(path: string): Promise<readonly string[]> {
    try {
      const { children } = await this.client.getChildren(path, { signal: this.signal });
      return children.map((name) => join(path, name));
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }
}
