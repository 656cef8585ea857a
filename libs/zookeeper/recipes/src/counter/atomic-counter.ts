/**
 * A number that many change, by compare-and-set on the node's version.
 * Source: Curator's DistributedAtomicLong, without its promotion to a lock: under contention each try costs one write.
 */
import { isBadVersion, isMaybeDone, isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { makeDirectory, parentOf } from '../support/make-directory.js';

export interface CounterValue {
  readonly value: bigint;
  /** The node's data version: grows by one with each change. */
  readonly version: number;
}

/** Each failed try means that another's succeeded, so progress is made; this bounds one caller's bad luck. */
const MAX_TRIES = 1000;
const INTEGER = /^-?\d{1,40}$/;

export class AtomicCounter {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly initial = 0n,
  ) {}

  /** @throws RecipeError `RECIPE_FOREIGN_DATA` when the node holds something else than a decimal number. */
  async get(): Promise<CounterValue> {
    try {
      return this.parse(await this.client.getData(this.path));
    } catch (error) {
      if (!isNoNode(error)) throw error;
      return { value: this.initial, version: -1 };
    }
  }

  /** @returns the value after the change. */
  add(delta: bigint): Promise<bigint> {
    return this.update((value) => value + delta);
  }

  /**
   * @param change must be a pure function of the value: it runs once a try.
   * @throws the client's `maybe-done` error when a reply was lost: whether the change happened cannot be told from the
   *   value alone, and a second try could make it twice.
   */
  async update(change: (value: bigint) => bigint): Promise<bigint> {
    for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
      const { value, version } = await this.get();
      const next = change(value);
      try {
        if (version === -1) await this.createNode(next);
        else await this.client.setData(this.path, next.toString(), { version });
        return next;
      } catch (error) {
        if (isMaybeDone(error)) throw error;
        if (!isBadVersion(error) && !isNodeExists(error) && !isNoNode(error)) throw error;
      }
    }
    throw new RecipeError('RECIPE_LIMIT', `${this.path}: ${MAX_TRIES} others were faster in a row`, true);
  }

  private async createNode(value: bigint): Promise<void> {
    await makeDirectory(this.client, parentOf(this.path));
    await this.client.create(this.path, value.toString());
  }

  private parse({ data, stat }: { data: Buffer; stat: { version: number } }): CounterValue {
    const text = data.toString();
    if (!INTEGER.test(text)) {
      throw new RecipeError(
        'RECIPE_FOREIGN_DATA',
        `${this.path} holds ${JSON.stringify(text.slice(0, 40))}, not a number`,
        false,
      );
    }
    return { value: BigInt(text), version: stat.version };
  }
}
