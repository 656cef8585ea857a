/**
 * A queue of processes: each stands in line, the first acts, and when it leaves it is the next one's turn.
 * Znodes: `/queue_fifo/_c_<uuid>-<host>-<sequence>`, ephemeral ("From Paxos to ZooKeeper", 6.1.8, with a mark in front
 * so that a creation whose reply was lost is found again).
 *
 * Suspended: it stays our turn, unsure. Lost: the turn's signal fires; who waits begins again at the end.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { RecipeError } from '../errors.js';
import { contend, type LineDecision } from '../support/contention.js';
import type { Grant } from '../support/grant.js';
import { contendersInOrder, sequenceOf } from '../support/sequence.js';
import type { WaitOptions } from '../support/waiting.js';

/** Whoever has a sequence number stands in this line, whatever its host is called. */
export function decideTurn(children: readonly string[], own: string): LineDecision {
  const line = contendersInOrder(children, (name) => sequenceOf(name) !== null);
  const place = line.findIndex(({ name }) => name === own);
  if (place === -1) return { kind: 'gone' };
  const before = line[place - 1];
  return before ? { kind: 'wait', on: [before.name] } : { kind: 'held' };
}

export class ProcessQueue {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path: string,
    private readonly host: string,
  ) {
    if (!/^[\w.-]{1,200}$/.test(host)) {
      throw new RecipeError('RECIPE_MISUSED', `expected a host of letters, digits, "._-", got "${host}"`, false);
    }
  }

  /** Stands in line until it is our turn; `release` ends it. @throws RecipeError `RECIPE_ABORTED`, `RECIPE_TIMEOUT` */
  turn(wait: WaitOptions = {}): Promise<Grant> {
    const { client, path: directory, host } = this;
    return contend(client, { directory, kind: host, data: host, decide: decideTurn }, wait);
  }

  /** Who stands in line, the one whose turn it is first. */
  async line(): Promise<readonly string[]> {
    const { children } = await this.client.getChildren(this.path);
    return contendersInOrder(children, (name) => sequenceOf(name) !== null).map(({ name }) => name);
  }
}
