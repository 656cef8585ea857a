/**
 * Runs a job once for each time it is due, however many processes have the same schedule.
 *
 * Not by leadership, which may change in the middle of a tick and then runs it twice or not at all, but by the tick
 * itself: whoever creates `<path>/<fire time>` runs it. The node stays as the record that it ran, so that a process
 * whose clock is behind, or that was paused, comes too late instead of a second time.
 *
 * What is promised: at most one start a tick, also when replies are lost and sessions end. If the process that won dies
 * before the job ends, the tick is not run again: a job that must not be missed looks, at its next tick, at what it has
 * not done yet.
 */
import {
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type Stat,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { randomUUID } from 'node:crypto';
import { RecipeError } from '../errors.js';
import { deletePersistent } from '../support/guaranteed-delete.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { Patience, type WaitOptions } from '../support/waiting.js';
import { makeDirectory } from '../support/make-directory.js';

export interface OncePerTickOptions {
  /** Records kept; the oldest beyond that are removed, and a tick older than all that are kept is not run. Default 100. */
  readonly keep?: number;
  readonly identity?: string;
}

export interface Tick {
  /** The time the schedule names. */
  readonly fireTime: Date;
  /** Creation zxid of the tick's record: grows with each tick that is won. */
  readonly fencingToken: bigint;
}

/** A record is made once; each further try needs a reply that was lost. */
const MAX_TRIES = 100;

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
    if (!Number.isSafeInteger(this.keep) || this.keep < 1) {
      throw new RecipeError('RECIPE_MISUSED', `expected to keep a whole number of records, got ${this.keep}`, false);
    }
  }

  /**
   * @param fireTime the time the schedule names, not the time of the call: the same in every process.
   * @param wait for the decision who runs it, not for the job.
   * @returns whether this call ran the job. What the job throws is thrown on; the tick counts as run.
   * @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT`: this process does not run it, another may have.
   */
  async run(fireTime: Date, job: (tick: Tick) => Promise<void> | void, wait: WaitOptions = {}): Promise<boolean> {
    const name = fireTime.toISOString();
    const fencingToken = await this.win(name, wait);
    if (fencingToken === null) return false;
    try {
      await job({ fireTime, fencingToken });
    } finally {
      // Tidying that fails is done by the next one who wins.
      await this.forgetOld().catch(() => undefined);
    }
    return true;
  }

  /** Fire times on record, the oldest first: what ran. */
  async history(): Promise<readonly Date[]> {
    try {
      const { children } = await this.client.getChildren(this.path);
      return [...children].sort().map((name) => new Date(name));
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  /** @returns the token of the record that we made; `null` when another made it, or when it is too late for it. */
  private async win(name: string, wait: WaitOptions): Promise<bigint | null> {
    using patience = new Patience(`running ${this.path} for ${name}`, wait);
    const { signal } = patience;
    const path = join(this.path, name);
    // The mark tells our own node from another's when the reply to its creation was lost.
    const mark = JSON.stringify({ by: this.identity, mark: randomUUID() });
    for (let tries = 1; ; tries += 1) {
      try {
        patience.throwIfOver();
        await this.client.create(path, mark, { signal });
      } catch (error) {
        if (patience.isOver) throw patience.error();
        if (isNoNode(error)) await makeDirectory(this.client, this.path, signal).catch(() => patience.throwIfOver());
        else if (!isNodeExists(error)) {
          if (!isMaybeDone(error) && !isPassing(error) && !isSessionLost(error)) throw error;
          if (tries === MAX_TRIES) throw error;
          await breathe(signal);
        }
      }
      const stat = await this.ours(path, mark, patience);
      if (stat === 'another') return null;
      if (stat !== null) return (await this.isTooLate(name, stat.czxid, patience)) ? null : stat.czxid;
    }
  }

  /** The record as it stands: ours, another's, or (`null`) not there. */
  private async ours(path: string, mark: string, patience: Patience): Promise<Stat | 'another' | null> {
    return await insist(patience, async (signal) => {
      await this.client.sync(path, { signal });
      try {
        const { data, stat } = await this.client.getData(path, { signal });
        return data.toString() === mark ? stat : 'another';
      } catch (error) {
        if (isNoNode(error)) return null;
        throw error;
      }
    });
  }

  /**
   * A record is removed only while at least `keep` newer ones stand. So if that many newer ones stand now, ours may be the
   * second record of a tick that ran long ago.
   */
  private async isTooLate(name: string, czxid: bigint, patience: Patience): Promise<boolean> {
    const { children } = await insist(patience, (signal) => this.client.getChildren(this.path, { signal }));
    if (children.filter((other) => other > name).length < this.keep) return false;
    await deletePersistent(this.client, join(this.path, name), czxid);
    return true;
  }

  private async forgetOld(): Promise<void> {
    const { children } = await this.client.getChildren(this.path);
    // ISO times sort as text.
    const old = [...children].sort().slice(0, Math.max(0, children.length - this.keep));
    for (const path of old.map((name) => join(this.path, name))) {
      const stat = await this.client.exists(path);
      if (stat) await deletePersistent(this.client, path, stat.czxid);
    }
  }
}

/** A read until it is answered, across outages and sessions; the record does not hang on any session. */
async function insist<T>(patience: Patience, read: (signal: AbortSignal) => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read(patience.signal);
    } catch (error) {
      if (patience.isOver) throw patience.error();
      if (!isPassing(error) && !isSessionLost(error)) throw error;
      await breathe(patience.signal);
    }
  }
}
