/**
 * Runs a job once for each time it is due, however many processes have the same schedule.
 *
 * Not by leadership, which may change in the middle of a tick and then runs it twice or not at all, but by the tick
 * itself: whoever creates `<path>/<fire time>` runs it. The node stays as the record that it ran, so that a process
 * whose clock is behind, or that was paused, comes too late instead of a second time.
 *
 * What is promised: at most one start a tick. If the process that won dies before the job ends, the tick is not run
 * again: a job that must not be missed looks, at its next tick, at what it has not done yet.
 */
import { isMaybeDone, isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { randomUUID } from 'node:crypto';
import { join } from '../support/names.js';

export interface OncePerTickOptions {
  /** Records kept; the oldest beyond that are removed. Default 100. */
  readonly keep?: number;
  readonly identity?: string;
}

export class OncePerTick {
  private readonly keep: number;
  private readonly identity: string;

  constructor(
    private readonly client: ZooKeeperClient,
    /** The job's directory; made when it is missing. */
    readonly path: string,
    options: OncePerTickOptions = {},
  ) {
    this.keep = options.keep ?? 100;
    this.identity = options.identity ?? '';
  }

  /**
   * @param fireTime the time the schedule names, not the time of the call: the same in every process.
   * @returns whether this call ran the job. What the job throws is thrown on; the tick counts as run.
   */
  async run(fireTime: Date, job: () => Promise<void> | void): Promise<boolean> {
    if (!(await this.win(fireTime.toISOString()))) return false;
    try {
      await job();
    } finally {
      await this.forgetOld();
    }
    return true;
  }

  private async win(name: string): Promise<boolean> {
    const path = join(this.path, name);
    // The mark tells our own node from another's when the reply to its creation was lost.
    const mark = JSON.stringify({ by: this.identity, mark: randomUUID() });
    for (;;) {
      try {
        await this.client.create(path, mark);
        return true;
      } catch (error) {
        if (isNodeExists(error)) return await this.isOurs(path, mark);
        if (isNoNode(error)) await this.client.mkdirp(this.path);
        else if (!isMaybeDone(error)) throw error;
      }
    }
  }

  private async isOurs(path: string, mark: string): Promise<boolean> {
    try {
      return (await this.client.getData(path)).data.toString() === mark;
    } catch (error) {
      if (isNoNode(error)) return false;
      throw error;
    }
  }

  private async forgetOld(): Promise<void> {
    const { children } = await this.client.getChildren(this.path);
    // ISO times sort as text.
    const old = [...children].sort().slice(0, Math.max(0, children.length - this.keep));
    for (const name of old) {
      try {
        await this.client.delete(join(this.path, name));
      } catch (error) {
        if (!isNoNode(error)) throw error;
      }
    }
  }
}
