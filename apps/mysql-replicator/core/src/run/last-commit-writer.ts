/**
 * `lastCommit` of a task that we run: written now and then, each time over our own last writing. Whoever finds another's
 * there has been overtaken: the version refuses it, and the fence in the data says by whom.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  formatFence,
  type LastCommit,
  mayWrite,
  readPayload,
  replicatorPaths,
  ReplicatorError,
  type TaskRef,
} from '@menagerie/replicator-core';
import type { Access } from '@menagerie/replicator-nest';
import { isBadVersion, isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';

export type CommitNews = Omit<LastCommit, 'fence' | 'at'>;

/** Written at least so often: its mtime is a sign of life. */
const HEARTBEAT_MS = 2_000;
const WRITE_TIMEOUT_MS = 5_000;

export class LastCommitWriter {
  private version: number | null = null;
  private news: CommitNews | null = null;
  private writtenAtMs = 0;

  constructor(
    private readonly client: ZooKeeperClient,
    private readonly access: Access,
    private readonly ref: TaskRef,
    private readonly fence: bigint,
    private readonly everyMs: number,
  ) {}

  /**
   * What the one before left, made ours: from here on its own writes fail on the version.
   * @throws ReplicatorError `REPLICATOR_FENCED` when a later instance has written
   */
  async takeOver(): Promise<LastCommit | null> {
    for (;;) {
      const found = await this.read();
      this.refuseLater(found?.last ?? null);
      if (found === null) return null;
      const { last } = found;
      if (last === null) {
        this.version = found.version;
        return null;
      }
      try {
        this.version = await this.set({ ...last, fence: formatFence(this.fence), at: Date.now() }, found.version);
        return last;
      } catch (error) {
        if (!isBadVersion(error)) throw error;
      }
    }
  }

  say(news: CommitNews): void {
    this.news = news;
  }

  /**
   * Writes until the signal fires, and once more then.
   * @throws ReplicatorError `REPLICATOR_FENCED`
   */
  async keepWriting(signal: AbortSignal): Promise<void> {
    let written: CommitNews | null = null;
    for (;;) {
      const { news } = this;
      const isDue = news !== written || performance.now() - this.writtenAtMs > HEARTBEAT_MS;
      if (news !== null && isDue) {
        try {
          await this.write(news);
          written = news;
        } catch (error) {
          // Without an ensemble nobody reads it either; the position that counts is in the target.
          if (error instanceof ReplicatorError) throw error;
        }
      }
      if (signal.aborted) return;
      await sleep(this.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async write(news: CommitNews): Promise<void> {
    const last: LastCommit = { ...news, fence: formatFence(this.fence), at: Date.now() };
    try {
      if (this.version === null) await this.make(last);
      else this.version = await this.set(last, this.version);
      this.writtenAtMs = performance.now();
    } catch (error) {
      if (!isBadVersion(error) && !isNodeExists(error)) throw error;
      const found = await this.read();
      // Our own writing, whose answer was lost, or another's.
      this.refuseLater(found?.last ?? null);
      this.version = found?.version ?? null;
    }
  }

  private async make(last: LastCommit): Promise<void> {
    try {
      await this.client.create(replicatorPaths.lastCommit(this.ref), JSON.stringify(last), {
        acl: this.access.readable,
      });
      this.version = 0;
    } catch (error) {
      // The task itself is gone: nobody is left to be told.
      if (!isNoNode(error)) throw error;
    }
  }

  private async set(last: LastCommit, version: number): Promise<number> {
    const path = replicatorPaths.lastCommit(this.ref);
    return (await this.client.setData(path, JSON.stringify(last), { version, timeoutMs: WRITE_TIMEOUT_MS })).version;
  }

  /** `last` is null in a node that holds nothing yet. */
  private async read(): Promise<{ readonly last: LastCommit | null; readonly version: number } | null> {
    const path = replicatorPaths.lastCommit(this.ref);
    try {
      const { data, stat } = await this.client.getData(path);
      return { last: data.length === 0 ? null : readPayload.lastCommit(data, path), version: stat.version };
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  private refuseLater(found: LastCommit | null): void {
    if (mayWrite(this.fence, found)) return;
    const message = `lastCommit: expected a fence of at most ${formatFence(this.fence)}, found ${found?.fence}`;
    throw new ReplicatorError('REPLICATOR_FENCED', message);
  }
}
