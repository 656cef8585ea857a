/**
 * A costly result that a cluster shall compute once a day: one master computes, everybody shares what it found.
 *
 *     /master_election/<yyyy-mm-dd>           persistent
 *     /master_election/<yyyy-mm-dd>/binding   ephemeral: who makes it is master; all others wait and try again (a herd)
 *     /master_election/<yyyy-mm-dd>/fence     persistent: the largest token of a master so far
 *     /master_election/<yyyy-mm-dd>/result    persistent: the shared result, written once
 *
 * `binding` is the book's election ("From Paxos to ZooKeeper", 6.1.6). It alone cannot keep a master that was paused and
 * woke up from publishing beside its successor; hence `fence`: publishing is one transaction with a check that nobody
 * with a larger token was here, and whoever came later is the one who may publish.
 *
 * A master that dies half-way leaves no result: the next one begins again. Who starts late finds the result and neither
 * elects nor computes. The day is an argument: one clock must decide it (UTC, here), not each host's own midnight.
 */
import {
  isBadVersion,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { ExclusiveLock } from '../lock/exclusive-lock.js';
import type { Grant } from '../support/grant.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { Patience, type WaitOptions } from '../support/waiting.js';

export interface Mastership {
  readonly day: string;
  readonly fencingToken: bigint;
  readonly signal: AbortSignal;
}

export interface SharedResult {
  /** What the master returned. */
  readonly data: Buffer;
  /** True when this call computed it. */
  readonly computedHere: boolean;
}

type Work = (master: Mastership) => Promise<string | Buffer>;

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const MAX_TRIES = 100;

export class MasterElection {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly options: { readonly identity?: string; readonly onNotified?: () => void } = {},
  ) {}

  /** The day of a moment, in UTC: the same for all hosts. */
  static dayOf(now: Date): string {
    return now.toISOString().slice(0, 10);
  }

  /**
   * The day's result: read when it is there, computed by `work` when this process is elected, waited for otherwise.
   * @param work may run more than once, here or elsewhere, when masters die or lose their session; one result is published.
   * @throws RecipeError `RECIPE_FENCED` when a later master was elected while `work` ran; and has published nothing yet; call again to wait for its result.
   * @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` (in the wait; `work` has its own signal), and what `work` throws.
   */
  async result(day: string, work: Work, wait: WaitOptions = {}): Promise<SharedResult> {
    if (!DAY.test(day)) throw new RecipeError('RECIPE_MISUSED', `expected a day as yyyy-mm-dd, got "${day}"`, false);
    using patience = new Patience(`waiting for the result of ${day}`, wait);
    for (;;) {
      try {
        return await this.electOrRead(day, work, patience);
      } catch (error) {
        if (patience.isOver) throw patience.error();
        // Nothing was published by us, or the publication would have been told: stand again.
        if (!isPassing(error) && !isSessionLost(error)) throw error;
        await breathe(patience.signal);
      }
    }
  }

  private async electOrRead(day: string, work: Work, patience: Patience): Promise<SharedResult> {
    const directory = join(this.path, day);
    const ready = await this.read(directory);
    if (ready) return ready;
    const resultIsThere = new AbortController();
    const watching = this.untilPublished(directory, patience.signal, resultIsThere);
    try {
      const signal = AbortSignal.any([patience.signal, resultIsThere.signal]);
      const grant = await this.lock(directory).acquire({ signal });
      try {
        return (await this.read(directory)) ?? (await this.compute(directory, day, grant, work));
      } finally {
        await grant[Symbol.asyncDispose]();
      }
    } catch (error) {
      const published = resultIsThere.signal.aborted && !patience.isOver ? await this.read(directory) : null;
      if (published) return published;
      throw error;
    } finally {
      resultIsThere.abort();
      await watching;
    }
  }

  /** The identity of the master, `null` when there is none. */
  async master(day: string): Promise<string | null> {
    try {
      const { data } = await this.client.getData(join(join(this.path, day), 'binding'));
      return data.toString().slice(data.indexOf(' ') + 1);
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  private lock(directory: string): ExclusiveLock {
    return new ExclusiveLock(this.client, directory, { ...this.options, nodeName: 'binding' });
  }

  private async compute(directory: string, day: string, grant: Grant, work: Work): Promise<SharedResult> {
    const fence = await this.raiseFence(directory, grant.fencingToken);
    const data = Buffer.from(await work({ day, fencingToken: grant.fencingToken, signal: grant.signal }));
    return this.publish(directory, data, fence, grant.fencingToken);
  }

  /** Safe to repeat, in this session or another: what it checks is the fence, and one result a day can be made. */
  private async publish(directory: string, data: Buffer, fence: number, token: bigint): Promise<SharedResult> {
    for (let tries = 1; ; tries += 1) {
      try {
        await this.client.multi([
          { kind: 'check', path: join(directory, 'fence'), version: fence },
          { kind: 'create', path: join(directory, 'result'), data },
        ]);
        return { data, computedHere: true };
      } catch (error) {
        if (isBadVersion(error) || isNodeExists(error)) {
          await this.client.sync(directory);
          const published = await this.read(directory);
          // Ours, if the reply to an earlier try was lost.
          if (published) return { ...published, computedHere: tries > 1 && published.data.equals(data) };
          throw fenced(directory, token);
        }
        const again = isMaybeDone(error) || isPassing(error) || isSessionLost(error);
        if (!again || tries === MAX_TRIES) throw error;
        await breathe();
      }
    }
  }

  /** @returns the version of the fence that says: nobody later than us. @throws RecipeError `RECIPE_FENCED` */
  private async raiseFence(directory: string, token: bigint): Promise<number> {
    const path = join(directory, 'fence');
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        const { data, stat } = await this.client.getData(path);
        const highest = BigInt(data.toString());
        if (highest === token) return stat.version;
        if (highest > token) break;
        return (await this.client.setData(path, token.toString(), { version: stat.version })).version;
      } catch (error) {
        if (isNoNode(error)) await this.client.create(path, '0').catch(ignoreExisting);
        else if (!isBadVersion(error) && !isMaybeDone(error) && !isPassing(error)) throw error;
        else await breathe();
      }
    }
    throw fenced(directory, token);
  }

  private async read(directory: string): Promise<SharedResult | null> {
    try {
      return { data: (await this.client.getData(join(directory, 'result'))).data, computedHere: false };
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  /** Losers do not only wait to become master: what they want is the result. */
  private async untilPublished(directory: string, signal: AbortSignal, found: AbortController): Promise<void> {
    const either = AbortSignal.any([signal, found.signal]);
    try {
      for await (const { stat } of this.client.watch(join(directory, 'result'), { kind: 'exists', signal: either })) {
        if (stat) return found.abort('published');
      }
    } catch {
      // The election goes on without it: a result that cannot be watched is read when the lock is ours.
    }
  }
}

const fenced = (directory: string, token: bigint) =>
  new RecipeError('RECIPE_FENCED', `${directory}: a master later than ${token} was elected; nothing published`, true);

function ignoreExisting(error: unknown): void {
  if (!isNodeExists(error) && !isMaybeDone(error)) throw error;
}
