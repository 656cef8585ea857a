/** One list in the tree, followed once for everybody in this process who wants it. Bursts of changes are one reading. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';

export interface FollowedOptions {
  readonly client: ZooKeeperClient;
  readonly path: string;
  /** After each reading; what changes meanwhile is read together. */
  readonly coalesceMs: number;
  readonly onNames: (names: readonly string[]) => void;
  readonly onFailure: (error: unknown) => void;
}

export class Followed {
  readonly first: Promise<void>;
  private names: readonly string[] = [];
  /** The latest names as they were read. */
  get current(): readonly string[] {
    return this.names;
  }
  private readonly stop = new AbortController();
  private readonly done: Promise<void>;

  constructor(options: FollowedOptions) {
    let settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
    this.first = new Promise((resolve, reject) => (settle = { resolve, reject }));
    this.first.catch(() => undefined);
    this.done = this.run(options, () => settle?.resolve()).catch((error: unknown) => {
      settle?.reject(error);
      if (!this.stop.signal.aborted) options.onFailure(error);
    });
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.done;
  }

  private async run(options: FollowedOptions, seen: () => void): Promise<void> {
    const { client, path, coalesceMs, onNames } = options;
    const { signal } = this.stop;
    await client.mkdirp(path, { signal });
    let told = false;
    for await (const { children } of client.watch(path, { kind: 'children', signal })) {
      this.names = children ?? [];
      // The first reading is told by whoever waits for it, all categories together.
      if (told) onNames(this.names);
      else seen();
      told = true;
      await sleep(coalesceMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
