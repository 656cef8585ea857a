/**
 * Names that are unique in the whole cluster and say what they name: `job-0000000042`.
 * Source: "From Paxos to ZooKeeper", 6.1.3: a sequential node under a directory for each type; its full name is the id.
 *
 * One quorum write a name. A lost reply costs a number (a gap), never a duplicate. The parent must not be deleted: its
 * counter would begin again. Nodes left behind are removed by `trim`; the counter stays.
 */
import { isMaybeDone, isNoNode, isSessionLost, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { RecipeError } from '../errors.js';
import { baseName, join } from '../support/names.js';
import { breathe, isPassing } from '../support/passing.js';
import { contendersInOrder, sequenceOf } from '../support/sequence.js';
import { Patience, type WaitOptions } from '../support/waiting.js';
import { makeDirectory } from '../support/make-directory.js';

const TYPE = /^[A-Za-z][\w.]{0,99}$/;
const MAX_TRIES = 100;
/** Deleted in one go; the rest stays for the next call. */
const MAX_TRIM = 1000;

export class SequentialNames {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
  ) {}

  /**
   * A new name of this type.
   * @throws RecipeError `RECIPE_MISUSED` for a type that is no word; `RECIPE_LIMIT` after 2147483647 names of a type.
   */
  async take(type: string, wait: WaitOptions = {}): Promise<string> {
    const directory = this.directoryOf(type);
    using patience = new Patience(`naming a ${type}`, wait);
    const { signal } = patience;
    for (let tries = 1; ; tries += 1) {
      try {
        patience.throwIfOver();
        const options = { mode: CreateMode.persistentSequential, signal };
        const name = baseName((await this.client.create(join(directory, `${type}-`), '', options)).path);
        const sequence = sequenceOf(name);
        if (sequence !== null && sequence >= 0) return name;
        throw new RecipeError('RECIPE_LIMIT', `${directory}: all numbers of a type are used up, got ${name}`, false);
      } catch (error) {
        if (patience.isOver) throw patience.error();
        if (isNoNode(error)) await makeDirectory(this.client, directory, signal).catch(() => patience.throwIfOver());
        else if (!isMaybeDone(error) && !isPassing(error) && !isSessionLost(error)) throw error;
        else await breathe(signal);
        if (tries === MAX_TRIES) throw error;
      }
    }
  }

  /** Removes the nodes of all but the newest `keep` names. @returns how many were removed, at most 1000 a call. */
  async trim(type: string, keep: number): Promise<number> {
    const directory = this.directoryOf(type);
    const { children } = await this.client.getChildren(directory);
    const line = contendersInOrder(children, (name) => name.startsWith(`${type}-`));
    const old = line.slice(0, Math.max(0, line.length - Math.max(0, keep))).slice(0, MAX_TRIM);
    // A number is given once, so the path alone says which node is meant.
    await Promise.all(old.map(({ name }) => this.client.deleteGuaranteed(join(directory, name))));
    return old.length;
  }

  private directoryOf(type: string): string {
    if (!TYPE.test(type)) throw new RecipeError('RECIPE_MISUSED', `expected a type as a word, got "${type}"`, false);
    return join(this.path, type);
  }
}
