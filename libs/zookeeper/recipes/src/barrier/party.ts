/** A named place at a barrier: one ephemeral node that stands for us, in this session and in the ones after it. */
import { randomUUID } from 'node:crypto';
import {
  isBadVersion,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type MultiOp,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { RecipeError } from '../errors.js';
import { guaranteedDelete } from '../support/guaranteed-delete.js';
import { breathe, isPassing } from '../support/passing.js';

const MAX_TRIES = 100;

type Owner = 'this session' | 'an earlier session of ours' | 'another' | 'nobody';

export class Party {
  /** Tells our node from that of another with the same name. */
  private readonly mark = randomUUID();

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
  ) {}

  /**
   * Makes the node unless it is there and belongs to this session; one of an earlier session of ours is replaced.
   * @param along done in the same transaction: conditions under which we may be present.
   * @returns false when one of them does not hold.
   * @throws RecipeError `RECIPE_MISUSED` when another stands there under our name: a second party, or a crashed
   *   predecessor whose session is not over yet (hence retryable).
   */
  async present(signal: AbortSignal, along: readonly MultiOp[] = []): Promise<boolean> {
    const create = { kind: 'create' as const, path: this.path, data: this.mark, mode: CreateMode.ephemeral };
    for (let tries = 1; ; tries += 1) {
      try {
        await this.client.multi([...along, create], { signal });
        return true;
      } catch (error) {
        if (along.length > 0 && (isBadVersion(error) || isNoNode(error))) return false;
        if (!isNodeExists(error) && !isMaybeDone(error)) throw error;
      }
      const { owner, czxid } = await this.look(signal);
      if (owner === 'this session') return true;
      if (owner === 'an earlier session of ours') await guaranteedDelete(this.client, this.path, czxid);
      else if (owner === 'another') {
        throw new RecipeError('RECIPE_MISUSED', `${this.path} stands already, made by another party`, true);
      }
      if (tries === MAX_TRIES) throw new RecipeError('RECIPE_LIMIT', `${this.path}: ${tries} tries to make it`, true);
    }
  }

  /** Whether our node is there and belongs to this session. */
  async isHere(signal: AbortSignal): Promise<boolean> {
    return (await this.look(signal)).owner === 'this session';
  }

  /** Takes the node away, if it is ours. Resolves when it is gone or certain to go. */
  async leave(): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        // A creation may be under way still.
        await this.client.sync(this.path);
        const { owner, czxid } = await this.look();
        if (owner === 'this session' || owner === 'an earlier session of ours') {
          await guaranteedDelete(this.client, this.path, czxid);
        }
        return;
      } catch (error) {
        // Also after a lost session: the node stays until the ensemble notices, and would be counted as present.
        if (!isSessionLost(error) && !isPassing(error)) return;
        await breathe();
      }
    }
  }

  private async look(signal?: AbortSignal): Promise<{ readonly owner: Owner; readonly czxid: bigint }> {
    try {
      const { data, stat } = await this.client.getData(this.path, signal ? { signal } : {});
      const { czxid, ephemeralOwner } = stat;
      if (data.toString() !== this.mark) return { owner: 'another', czxid };
      const isThis = ephemeralOwner === this.client.session?.id;
      return { owner: isThis ? 'this session' : 'an earlier session of ours', czxid };
    } catch (error) {
      if (isNoNode(error)) return { owner: 'nobody', czxid: 0n };
      throw error;
    }
  }
}
