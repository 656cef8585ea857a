/**
 * What all queues of messages share: items that wait, claims on them, a limit.
 *
 * `<path>/items/...-item-<sequence>` hold the messages; a consumer claims one by an ephemeral node of the same name under
 * `<path>/claims`, and removes both in one transaction when it is done. A consumer that dies loses its claim with its
 * session, and the item is there for the next one: at least once, never lost.
 *
 * ZooKeeper is a coordinator and not a message broker (Curator's tech note 4): a queue of many thousands makes every
 * look slow and, at last, larger than one reply may be. Hence the limit.
 */
import {
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type NodeData,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { randomUUID } from 'node:crypto';
import { RecipeError } from '../errors.js';
import { guaranteedDelete } from '../support/guaranteed-delete.js';
import { baseName, join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { protectedCreate } from '../support/protected-create.js';
import { Patience, Wake, type WaitOptions } from '../support/waiting.js';
import type { DecideQueue } from './queue-decision.js';
import { makeDirectory } from '../support/make-directory.js';

export interface WorkItem {
  readonly data: Buffer;
  /** Grows with each item put; the zxid of its creation. Also the fencing token of whoever works on it first. */
  readonly id: bigint;
  /** Creation zxid of the claim: grows with each delivery of this item, so it fences a worker that was paused. */
  readonly fencingToken: bigint;
  /** Fires when the claim is lost with its session: the item may be with somebody else already. */
  readonly signal: AbortSignal;
  /** Done: the item will not be delivered again. @throws RecipeError `RECIPE_GRANT_LOST` when the claim was lost. */
  done(): Promise<void>;
  /** Not done: the item goes to whoever asks next. */
  giveBack(): Promise<void>;
}

export interface QueueOptions {
  /** Items that may wait; `put` refuses one more. Default 5000. Many producers at once may overshoot by their number. */
  readonly limit?: number;
}

/** `setTimeout` takes no more. */
const MAX_TIMER_MS = 0x7fffffff;
const MAX_TRIES = 100;

export class ClaimQueue {
  private readonly items: string;
  private readonly claims: string;
  private readonly limit: number;
  /**
   * Invariant: the names that takers of this object try to claim, or have claimed. A consumer that works on several items
   * at once does not contend with itself: each lost claim is a write of the whole ensemble for nothing.
   */
  private readonly taken = new Set<string>();
  /** Takers of this object that found nothing and wait. */
  private readonly idle = new Set<Wake>();

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly decide: DecideQueue,
    options: QueueOptions,
  ) {
    this.items = join(path, 'items');
    this.claims = join(path, 'claims');
    this.limit = options.limit ?? 5000;
  }

  /**
   * Puts one message; returns when it is in. It is in once, unless a reply is lost and a consumer takes the item and
   * finishes it before we look for it: then it is put, and delivered, a second time.
   * @throws RecipeError `RECIPE_LIMIT` when the queue is full; `RECIPE_ABORTED`, `RECIPE_TIMEOUT`: it may be in or not.
   */
  async put(kind: string, data: NodeData, wait: WaitOptions): Promise<void> {
    using patience = new Patience(`putting into ${this.path}`, wait);
    const { signal } = patience;
    const mark = randomUUID();
    for (let tries = 1; ; tries += 1) {
      try {
        if (tries === 1) await this.refuseIfFull(signal);
        const lookFirst = tries > 1;
        const options = { directory: this.items, mark, kind, data, persistent: true, lookFirst };
        await protectedCreate(this.client, options, patience);
        return;
      } catch (error) {
        if (patience.isOver) throw patience.error();
        if (!(isPassing(error) || isSessionLost(error)) || tries === MAX_TRIES) throw error;
        await breathe(signal);
      }
    }
  }

  /** Waits for an item that may be taken. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT`; nothing is claimed. */
  async take(wait: WaitOptions): Promise<WorkItem> {
    using patience = new Patience(`taking from ${this.path}`, wait);
    for (;;) {
      try {
        patience.throwIfOver();
        const item = await this.takeOnce(patience);
        if (item) return item;
      } catch (error) {
        if (patience.isOver) throw patience.error();
        if (isNoNode(error)) {
          await this.makeDirectories(patience);
        } else if (!isPassing(error) && !isSessionLost(error)) throw error;
        else await breathe(patience.signal);
      }
    }
  }

  /** Waiting items, claimed ones among them. */
  async size(): Promise<number> {
    return (await this.client.exists(this.items))?.numChildren ?? 0;
  }

  private async makeDirectories(patience: Patience): Promise<void> {
    try {
      await makeDirectory(this.client, this.items, patience.signal);
      await makeDirectory(this.client, this.claims, patience.signal);
    } catch (error) {
      throw patience.isOver ? patience.error() : error;
    }
  }

  private async refuseIfFull(signal: AbortSignal): Promise<void> {
    const stat = await this.client.exists(this.items, { signal });
    if (stat && stat.numChildren >= this.limit) {
      const message = `${this.path} is full: ${stat.numChildren} of ${this.limit} items wait`;
      throw new RecipeError('RECIPE_LIMIT', message, true);
    }
  }

  private async takeOnce(patience: Patience): Promise<WorkItem | null> {
    const { signal } = patience;
    const wake = new Wake();
    // Claims first: an item whose claim goes after this look wakes us by the watch. One round trip: a server answers the
    // reads of a session in the order of asking.
    const [claims, items] = await Promise.all([
      this.client.getChildren(this.claims, { watch: wake.fire, signal }),
      this.client.getChildren(this.items, { watch: wake.fire, signal }),
    ]);
    const claimed = new Set([...claims.children, ...this.taken]);
    const { take, dueInMs } = this.decide({ items: items.children, claimed, nowMs: Date.now() });
    patience.throwIfOver();
    const [first] = take;
    // When another was faster we look again, which is cheap, and do not go on by a list that has proved to be old: each
    // claim that comes too late is a write for the whole ensemble.
    if (first !== undefined) return await this.tryToClaim(first);
    const timer = dueInMs === null ? undefined : setTimeout(wake.fire, Math.min(dueInMs, MAX_TIMER_MS));
    this.idle.add(wake);
    try {
      await patience.race(wake.promise);
    } finally {
      this.idle.delete(wake);
      clearTimeout(timer);
    }
    return null;
  }

  private async tryToClaim(name: string): Promise<WorkItem | null> {
    this.taken.add(name);
    try {
      const item = await this.claim(name);
      // Another's: seen by all at the next look.
      if (item === null) this.taken.delete(name);
      return item;
    } catch (error) {
      this.letGo(name);
      throw error;
    }
  }

  /** The item is free again, and no watch need tell those beside us. */
  private letGo(name: string): void {
    this.taken.delete(name);
    for (const wake of this.idle) wake.fire();
  }

  /** @returns `null` when another was faster. Whatever fails, no claim of ours stays. */
  private async claim(name: string): Promise<WorkItem | null> {
    const [item, claim] = [join(this.items, name), join(this.claims, name)];
    // Two consumers of one process share a session: only the mark says whose claim it is.
    const mark = randomUUID();
    const claiming = this.client.multi([
      // Not one that somebody has finished between our look and our claim.
      { kind: 'check', path: item },
      { kind: 'create', path: claim, data: mark, mode: CreateMode.ephemeral },
    ]);
    const read = () => Promise.all([this.tokenIfOurs(claim, mark), this.client.getData(item)]);
    // Not after the claim but behind it: a session's requests are answered in the order of asking.
    let reading = read();
    reading.catch(() => undefined);
    try {
      await claiming;
    } catch (error) {
      if (isNodeExists(error) || isNoNode(error)) return null;
      if (!isMaybeDone(error)) throw error;
      // Another server may answer now, which need not know yet what became of it.
      reading = this.client.sync(claim).then(read);
    }
    try {
      const [fencingToken, { data, stat }] = await reading;
      if (fencingToken === null) return null;
      const onOver = (isFree: boolean) => (isFree ? this.letGo(name) : void this.taken.delete(name));
      return new ClaimedItem(this.client, { item, claim, data, id: stat.czxid, fencingToken, onOver });
    } catch (error) {
      if (!isSessionLost(error)) await this.dropIfOurs(claim, mark);
      // Removed by somebody who asks for no claim.
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  private async tokenIfOurs(claim: string, mark: string): Promise<bigint | null> {
    try {
      const { data, stat } = await this.client.getData(claim);
      return data.toString() === mark && stat.ephemeralOwner === this.client.session?.id ? stat.czxid : null;
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  private async dropIfOurs(claim: string, mark: string): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        await this.client.sync(claim);
        const token = await this.tokenIfOurs(claim, mark);
        if (token !== null) await guaranteedDelete(this.client, claim, token);
        return;
      } catch (error) {
        if (!isPassing(error)) return;
        await breathe();
      }
    }
  }
}

interface Claimed {
  readonly item: string;
  readonly claim: string;
  readonly data: Buffer;
  readonly id: bigint;
  readonly fencingToken: bigint;
  /** Told once that the claim is over; whether the item is there for others again. */
  readonly onOver: (isFree: boolean) => void;
}

class ClaimedItem implements WorkItem {
  private readonly over = new AbortController();
  private readonly unsubscribe: () => void;

  constructor(
    private readonly client: ZooKeeperClient,
    private readonly claimed: Claimed,
  ) {
    this.unsubscribe = client.on('state', ({ state }) => {
      if (state === 'lost' || state === 'closed') this.lose();
    });
  }

  get data(): Buffer {
    return this.claimed.data;
  }

  get id(): bigint {
    return this.claimed.id;
  }

  get fencingToken(): bigint {
    return this.claimed.fencingToken;
  }

  get signal(): AbortSignal {
    return this.over.signal;
  }

  async done(): Promise<void> {
    this.throwIfOver();
    const { item, claim } = this.claimed;
    for (let tries = 1; ; tries += 1) {
      try {
        // The claim must be the very one we made: another's, of the same name, would be deleted as easily. The first
        // time that is certain: our session is not over, a claim goes with it only, and what follows belongs to it.
        if (tries > 1 && (await this.client.exists(claim))?.czxid !== this.claimed.fencingToken) {
          // Gone together with the item, in a session that was ours all the time: a try of ours whose reply was lost. In
          // another session, somebody else may have had it since.
          const isDone = (await this.client.exists(item)) === null;
          if (isDone && !this.signal.aborted) break;
          throw this.lose();
        }
        await this.client.multi([
          { kind: 'delete', path: claim },
          { kind: 'delete', path: item },
        ]);
        break;
      } catch (error) {
        if (isSessionLost(error)) throw this.lose();
        if (!isMaybeDone(error) && !isPassing(error) && !isNoNode(error)) throw error;
        if (tries === MAX_TRIES) throw error;
        await this.client.sync(claim).catch(() => undefined);
        await breathe(this.signal);
      }
    }
    this.end('done');
  }

  async giveBack(): Promise<void> {
    if (this.signal.aborted) return;
    this.end('given back');
    await guaranteedDelete(this.client, this.claimed.claim, this.fencingToken);
  }

  private end(why: unknown): void {
    if (this.signal.aborted) return;
    this.unsubscribe();
    this.claimed.onOver(why !== 'done');
    this.over.abort(why);
  }

  private throwIfOver(): void {
    if (!this.signal.aborted) return;
    const { reason } = this.signal;
    if (reason instanceof RecipeError) throw reason;
    const name = baseName(this.claimed.item);
    throw new RecipeError('RECIPE_RELEASED', `${name} was ${String(reason)} already`, false);
  }

  private lose(): RecipeError {
    const name = baseName(this.claimed.item);
    const error = new RecipeError(
      'RECIPE_GRANT_LOST',
      `the claim on ${name} was lost: it may be delivered again`,
      false,
    );
    this.end(error);
    return error;
  }
}
