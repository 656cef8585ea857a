/** A named place at a barrier: one ephemeral node that stands for us, in this session and in the ones after it. */
import { randomUUID } from 'node:crypto';
import {
  isBadVersion,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  isSessionLost,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { RecipeError } from '../errors.js';
import { guaranteedDelete } from '../support/guaranteed-delete.js';
import { breathe, isPassing } from '../support/passing.js';

const MAX_TRIES = 100;

export class Party {
  /** Tells our node from that of another with the same name. */
  private readonly mark = randomUUID();

  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
  ) {}

  /**
   * Makes the node unless it is there and belongs to this session; one of an earlier session of ours is replaced.
   * @param only only while this node is at this version.
   * @returns false when it is not any more.
   * @throws RecipeError `RECIPE_MISUSED` when another stands there under our name: a second party, or a crashed
   *   predecessor whose session is not over yet (hence retryable).
   */
  async present(signal: AbortSignal, only?: { readonly path: string; readonly version: number }): Promise<boolean> {
    const checks = only ? [{ kind: 'check' as const, ...only }] : [];
    const create = { kind: 'create' as const, path: this.path, data: this.mark, mode: CreateMode.ephemeral };
    for (let tries = 1; ; tries += 1) {
      try {
        await this.client.multi([...checks, create], { signal });
        return true;
      } catch (error) {
        if (isBadVersion(error)) return false;
        if (!isNodeExists(error) && !isMaybeDone(error)) throw error;
      }
      const owner = await this.owner(signal);
      if (owner === 'this session') return true;
      if (owner === 'an earlier session of ours') await guaranteedDelete(this.client, this.path);
      else if (owner === 'another') {
        throw new RecipeError('RECIPE_MISUSED', `${this.path} stands already, made by another party`, true);
      }
      if (tries === MAX_TRIES) throw new RecipeError('RECIPE_LIMIT', `${this.path}: ${tries} tries to make it`, true);
    }
  }

  /** Whether our node is there and belongs to this session. */
  async isHere(signal: AbortSignal): Promise<boolean> {
    return (await this.owner(signal)) === 'this session';
  }

  /** Takes the node away, if it is ours. Resolves when it is gone or certain to go. */
  async leave(): Promise<void> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      try {
        // A creation may be under way still.
        await this.client.sync(this.path);
        const owner = await this.owner();
        if (owner === 'this session' || owner === 'an earlier session of ours') {
          await guaranteedDelete(this.client, this.path);
        }
        return;
      } catch (error) {
        // Also after a lost session: the node stays until the ensemble notices, and would be counted as present.
        if (!isSessionLost(error) && !isPassing(error)) return;
        await breathe();
      }
    }
  }

  private async owner(
    signal?: AbortSignal,
  ): Promise<'this session' | 'an earlier session of ours' | 'another' | 'nobody'> {
    try {
      const { data, stat } = await this.client.getData(this.path, signal ? { signal } : {});
      if (data.toString() !== this.mark) return 'another';
      return stat.ephemeralOwner === this.client.session?.id ? 'this session' : 'an earlier session of ours';
    } catch (error) {
      if (isNoNode(error)) return 'nobody';
      throw error;
    }
  }
}
