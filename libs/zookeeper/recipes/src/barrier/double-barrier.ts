/**
 * N parties start together and leave together.
 * Source: "Double Barriers" of the ZooKeeper recipes; Curator's DistributedDoubleBarrier and its bugs (CURATOR-80, 233,
 * 330, 536, GH-1290).
 *
 * Whoever counts N parties raises the `ready` node, and everybody waits for that node and not for the count: a fast
 * party may be gone again before a slow one counts, which would then wait for ever. The number of parties is a
 * threshold: one that comes while a round is under way finds the flag up and goes on at once.
 *
 * A barrier may be used again by the same objects: the flag of the round that we have been through lets nobody in a
 * second time, we wait until it has been taken down. Raising the flag also adds one to the data version of the barrier's
 * own node, the number of rounds so far: a party whose session ended while it waited sees by it that its round has begun
 * without it, instead of waiting as one of the next.
 */
import {
  isBadVersion,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type MultiOp,
  type Stat,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { Patience, Wake, type WaitOptions } from '../support/waiting.js';
import { Party } from './party.js';
import { makeDirectory } from '../support/make-directory.js';

const READY = 'ready';
/** Stands for the flag of a round that was over when we heard of it; no node has this creation. */
const MISSED = 0n;

interface Entry {
  /** Rounds there had been when we came; `null` until we have looked. */
  rounds: number | null;
}

export class DoubleBarrier {
  private readonly party: Party;
  private readonly ready: string;
  /** Creation of the flag that we went through last. */
  private through: bigint | null = null;

  /**
   * @param parties how many must have entered before anybody goes on; more may.
   * @param identity unique among the parties: the name of the node that stands for us.
   */
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly parties: number,
    identity: string,
  ) {
    if (!Number.isSafeInteger(parties) || parties < 1 || identity === READY || !/^[^/]+$/.test(identity)) {
      const got = `${parties}, "${identity}"`;
      throw new RecipeError('RECIPE_MISUSED', `a barrier wants parties >= 1 and a plain name, not ${got}`, false);
    }
    this.party = new Party(client, join(path, identity));
    this.ready = join(path, READY);
  }

  /**
   * Waits until all are there. Lost session: we are there again in the next one.
   * @throws RecipeError when given up: then we are no party any more.
   */
  async enter(wait: WaitOptions = {}): Promise<void> {
    using patience = new Patience(`entering ${this.path}`, wait);
    const entry: Entry = { rounds: null };
    try {
      await makeDirectory(this.client, this.path, patience.signal);
      await this.persist(patience, () => this.tryToEnter(entry, patience));
    } catch (error) {
      await this.party.leave();
      throw patience.isOver ? patience.error() : error;
    }
  }

  /** Waits until all have finished. A party that crashed is gone with its session. */
  async leave(wait: WaitOptions = {}): Promise<void> {
    using patience = new Patience(`leaving ${this.path}`, wait);
    await this.party.leave();
    await this.persist(patience, () => this.tryToLeave(patience)).catch((error: unknown) => {
      throw patience.isOver ? patience.error() : error;
    });
  }

  /** Repeats until `step` says that it is done; outages and lost sessions are a reason to look again. */
  private async persist(patience: Patience, step: () => Promise<boolean>): Promise<void> {
    for (;;) {
      try {
        patience.throwIfOver();
        if (await step()) return;
      } catch (error) {
        if (patience.isOver || !(isPassing(error) || isSessionLost(error))) throw error;
        await breathe(patience.signal);
      }
    }
  }

  private async tryToEnter(entry: Entry, patience: Patience): Promise<boolean> {
    const { signal } = patience;
    const wake = new Wake();
    // Before the flag: a round that is counted here and whose flag is not there any more is over.
    const rounds = (await this.client.exists(this.path, { signal }))?.version ?? 0;
    const flag = await this.client.exists(this.ready, { watch: wake.fire, signal });
    if (flag && flag.czxid === this.through) {
      // Of the last round: the others have not left yet. In their way we would be counted by them as one of that round.
      await patience.race(wake.promise);
      return false;
    }
    const hasBegun = entry.rounds !== null && rounds > entry.rounds;
    entry.rounds ??= rounds;
    if (!flag && hasBegun) {
      this.through = MISSED;
      return true;
    }
    if (flag && !hasBegun && !(await this.party.isHere(signal)) && (await this.isDeserted(signal))) {
      // Its parties crashed before they could take it down: it opens the way to nobody.
      await this.takeDown(flag, signal);
      return false;
    }
    // Each time round: our node may have gone with its session. And only into this round: in the next one we would be
    // counted as a party of it, for a moment, before we see that ours is over.
    // Who joins while the flag is up changes it, so that nobody takes it down who has not seen the newcomer.
    const sameRound: MultiOp = { kind: 'check', path: this.path, version: rounds };
    const underFlag: MultiOp[] = flag ? [{ kind: 'set-data', path: this.ready, data: '' }] : [];
    if (!(await this.party.present(signal, [sameRound, ...underFlag]))) return false;
    if (flag) {
      this.through = flag.czxid;
      return true;
    }
    const { children } = await this.client.getChildren(this.path, { watch: wake.fire, signal });
    if (children.filter((name) => name !== READY).length < this.parties) await patience.race(wake.promise);
    else await this.raiseReady(signal);
    return false;
  }

  private async isDeserted(signal: AbortSignal): Promise<boolean> {
    const { children } = await this.client.getChildren(this.path, { signal });
    return children.every((name) => name === READY);
  }

  private async tryToLeave(patience: Patience): Promise<boolean> {
    const { signal } = patience;
    const wake = new Wake();
    const flag = await this.client.exists(this.ready, { watch: wake.fire, signal });
    if (flag === null || !this.isOurs(flag)) return true;
    const { children } = await this.client.getChildren(this.path, { watch: wake.fire, signal });
    if (children.every((name) => name === READY)) {
      return await this.takeDown(flag, signal);
    }
    await patience.race(wake.promise);
    return false;
  }

  /** Only as it was before the others were counted. @returns false when it has changed since. */
  private async takeDown(flag: Stat, signal: AbortSignal): Promise<boolean> {
    try {
      await this.client.delete(this.ready, { version: flag.version, signal });
      return true;
    } catch (error) {
      if (isNoNode(error)) return true;
      if (isBadVersion(error)) return false;
      throw error;
    }
  }

  /** Whether the round that we are leaving is still on. */
  private isOurs(flag: Stat): boolean {
    return this.through === null || flag.czxid === this.through;
  }

  private async raiseReady(signal: AbortSignal): Promise<void> {
    try {
      await this.client.multi(
        [
          { kind: 'create', path: this.ready },
          { kind: 'set-data', path: this.path, data: '' },
        ],
        { signal },
      );
    } catch (error) {
      if (!isNodeExists(error) && !isNoNode(error) && !isPassing(error)) throw error;
    }
  }
}
