/**
 * A small value that many read and follow, and that nobody overwrites without having seen it.
 * Source: Curator's SharedValue and SharedCount.
 *
 * Suspended: `current` is what was read last, and may be old. After a reconnect it is read again.
 */
import {
  isBadVersion,
  isMaybeDone,
  isNodeExists,
  isNoNode,
  type NodeData,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { breathe, isPassing } from '../support/passing.js';
import { makeDirectory, parentOf } from '../support/make-directory.js';

export interface Versioned<T> {
  readonly value: T;
  /** The node's data version; -1 while nobody has written. */
  readonly version: number;
}

/** How a value is written into a node. `decode` throws when the bytes are not one. */
export interface Codec<T> {
  encode(value: T): NodeData;
  decode(data: Buffer): T;
}

export class SharedValue<T> {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly initial: T,
    private readonly codec: Codec<T>,
  ) {}

  /** @throws RecipeError `RECIPE_FOREIGN_DATA` when the node holds something that is no such value. */
  async get(): Promise<Versioned<T>> {
    try {
      const { data, stat } = await this.client.getData(this.path);
      return { value: this.decode(data), version: stat.version };
    } catch (error) {
      if (!isNoNode(error)) throw error;
      return { value: this.initial, version: -1 };
    }
  }

  /**
   * Writes if nobody has since `seen` was read.
   * @returns what stands there now, or `null` when somebody was faster: read again and decide again.
   * @throws the client's `maybe-done` error when the reply was lost.
   */
  async trySet(seen: Versioned<T>, value: T): Promise<Versioned<T> | null> {
    const data = this.codec.encode(value);
    try {
      if (seen.version === -1) {
        await this.create(data);
        return { value, version: 0 };
      }
      const { version } = await this.client.setData(this.path, data, { version: seen.version });
      return { value, version };
    } catch (error) {
      if (isBadVersion(error) || isNodeExists(error) || isNoNode(error)) return null;
      throw error;
    }
  }

  /** Writes whatever is there. Safe to repeat, and repeated when a reply is lost. */
  async set(value: T): Promise<void> {
    const data = this.codec.encode(value);
    for (;;) {
      try {
        await this.client.setData(this.path, data);
        return;
      } catch (error) {
        if (isNoNode(error)) await this.create(data).catch(ignoreRace);
        else if (!isMaybeDone(error)) throw error;
      }
    }
  }

  /** The value now and after each change, the latest if several came at once. Ends when the signal fires. */
  async *follow(signal?: AbortSignal): AsyncGenerator<Versioned<T>, void, void> {
    for (;;) {
      try {
        const options = { kind: 'data' as const, ...(signal ? { signal } : {}) };
        for await (const { data, stat } of this.client.watch(this.path, options)) {
          yield data && stat
            ? { value: this.decode(data), version: stat.version }
            : { value: this.initial, version: -1 };
        }
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
        await breathe(signal);
      }
    }
  }

  private async create(data: NodeData): Promise<void> {
    await makeDirectory(this.client, parentOf(this.path));
    await this.client.create(this.path, data);
  }

  private decode(data: Buffer): T {
    try {
      return this.codec.decode(data);
    } catch (error) {
      const got = JSON.stringify(data.toString().slice(0, 40));
      throw new RecipeError('RECIPE_FOREIGN_DATA', `${this.path} holds ${got}, not a value of this kind`, false, {
        cause: error,
      });
    }
  }
}

/** A whole number that many follow. For one that many add to, without losing an addition, take `AtomicCounter`. */
export class SharedCounter extends SharedValue<number> {
  constructor(client: ZooKeeperClient, path: string, initial = 0) {
    super(client, path, initial, {
      encode: (value) => String(value),
      decode: (data) => {
        const text = data.toString();
        if (!/^-?\d{1,15}$/.test(text)) throw new RangeError('not a whole number');
        return Number(text);
      },
    });
  }
}

function ignoreRace(error: unknown): void {
  if (!isNodeExists(error) && !isMaybeDone(error)) throw error;
}
