/**
 * One node that the leading allocator writes at each poll. It is two things at once:
 *
 * - the ensemble's clock: reports are judged by their `mtime` against this one's, so that nobody's own clock matters;
 * - a fence: each write names the version that the last one left, and every change of lists checks it in its transaction.
 *   As soon as a successor has written it once, nothing of a predecessor gets through, however late it wakes.
 */
import { randomUUID } from 'node:crypto';
import {
  isBadVersion,
  isMaybeDone,
  isNodeExists,
  type MultiOp,
  type ZooKeeperClient,
} from '@menagerie/zookeeper-client';
import { LogsError, logsPaths } from '@menagerie/logs-core';

const path = `${logsPaths.allocator}/clock`;

export class ClockNode {
  /** Invariant: the version that our own last write left. */
  private version: number;

  private constructor(
    private readonly client: ZooKeeperClient,
    private readonly mark: string,
    version: number,
  ) {
    this.version = version;
  }

  /** From here on no earlier allocator can change anything. */
  static async takeOver(client: ZooKeeperClient, allocatorId: string): Promise<ClockNode> {
    const mark = `${allocatorId} ${randomUUID()}`;
    try {
      await client.create(path, mark);
    } catch (error) {
      if (!isNodeExists(error)) throw error;
    }
    return new ClockNode(client, mark, (await client.setData(path, mark)).version);
  }

  /** @returns the ensemble's time, milliseconds. @throws LogsError `LOGS_NOT_LEADER` when somebody else has written it */
  async tick(): Promise<number> {
    try {
      const stat = await this.client.setData(path, this.mark, { version: this.version });
      this.version = stat.version;
      return Number(stat.mtime);
    } catch (error) {
      if (!isBadVersion(error) && !isMaybeDone(error)) throw error;
      return await this.lookAgain();
    }
  }

  /** The operation that makes a transaction fail once somebody else leads. */
  check(): MultiOp {
    return { kind: 'check', path, version: this.version };
  }

  /** Was it our own write, whose answer was lost? */
  private async lookAgain(): Promise<number> {
    await this.client.sync(path);
    const { data, stat } = await this.client.getData(path);
    if (data.toString() !== this.mark) {
      throw new LogsError('LOGS_NOT_LEADER', `${path}: expected ${this.mark}, got ${data.toString()}`, true);
    }
    this.version = stat.version;
    return Number(stat.mtime);
  }
}
