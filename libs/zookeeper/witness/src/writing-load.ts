/**
 * A client that writes one node after another, reads each back, and remembers what was acknowledged: all of it must be
 * there in the end, under the session that began.
 */
import { isMaybeDone, isNodeExists, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { waitFor, type TestServer } from '@menagerie/zookeeper-testing';
import { clientOf } from './tree.js';

const SESSION_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 30_000;
/** In a row, for one write. */
const MAX_TRIES = 1000;

export interface LoadVerdict {
  readonly acknowledged: number;
  /** The session is the one that it began with. */
  readonly sessionKept: boolean;
  /** So is the owner of its ephemeral node. */
  readonly ephemeralKept: boolean;
  /** Reads of what had been acknowledged that did not show it. */
  readonly wrongAnswers: readonly string[];
  /** Tries whose outcome the client was not told; each was made again. */
  readonly repliesLost: number;
  /** Between two acknowledgements, at most, in milliseconds. */
  readonly longestPauseMs: number;
}

export class WritingLoad {
  readonly #client: ZooKeeperClient;
  readonly #root: string;
  readonly #session: bigint;
  readonly #wrongAnswers: string[] = [];
  #acknowledged = 0;
  #repliesLost = 0;
  #longestPauseMs = 0;
  #running = true;
  readonly #writer: Promise<void>;

  private constructor(client: ZooKeeperClient, root: string) {
    this.#client = client;
    this.#root = root;
    this.#session = client.session!.id;
    this.#writer = this.#write();
    // Who ends the load hears of it.
    this.#writer.catch(() => undefined);
  }

  static async start(connect: string, root: string): Promise<WritingLoad> {
    const client = await ZooKeeper.connect({
      connect,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
    });
    try {
      await client.create(root, '');
      await client.create(ephemeralOf(root), '', { mode: CreateMode.ephemeral });
      return new WritingLoad(client, root);
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Resolves when writing has gone on since. @throws TestKitError `TESTKIT_TIMEOUT` */
  async more(count = 20, timeoutMs = 40_000): Promise<void> {
    const goal = this.#acknowledged + count;
    const check = (): boolean => this.#acknowledged >= goal;
    await waitFor(check, { timeoutMs, what: `${count} more acknowledged writes` });
  }

  /** Ends the writing. @throws what ended it before */
  async end(): Promise<LoadVerdict> {
    this.#running = false;
    await this.#writer;
    const stat = await this.#client.exists(ephemeralOf(this.#root));
    return {
      acknowledged: this.#acknowledged,
      sessionKept: this.#client.session?.id === this.#session,
      ephemeralKept: stat?.ephemeralOwner === this.#session,
      wrongAnswers: this.#wrongAnswers,
      repliesLost: this.#repliesLost,
      longestPauseMs: Math.round(this.#longestPauseMs),
    };
  }

  async close(): Promise<void> {
    this.#running = false;
    await this.#writer.catch(() => undefined);
    await this.#client.close();
  }

  /** What this server has of the writes. */
  async judge(server: TestServer): Promise<{ readonly missing: readonly string[]; readonly found: number }> {
    const witness = await clientOf(server.address);
    try {
      await witness.sync('/');
      const there = new Set((await witness.getChildren(this.#root)).children);
      const expected = Array.from({ length: this.#acknowledged }, (_, i) => nameOf(i));
      return { missing: expected.filter((name) => !there.has(name)), found: there.size };
    } finally {
      await witness.close();
    }
  }

  async #write(): Promise<void> {
    let lastMs = performance.now();
    while (this.#running) {
      const path = `${this.#root}/${nameOf(this.#acknowledged)}`;
      await this.#surely(path, () => this.#client.create(path, String(this.#acknowledged)));
      this.#acknowledged += 1;
      this.#longestPauseMs = Math.max(this.#longestPauseMs, performance.now() - lastMs);
      lastMs = performance.now();
      const seen = await this.#surely(path, () => this.#client.exists(path));
      if (seen === null) this.#wrongAnswers.push(path);
    }
  }

  /** @returns what the call did; undefined if an earlier try has created the node without our hearing of it */
  async #surely<T>(path: string, call: () => Promise<T>): Promise<T | undefined> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      try {
        return await call();
      } catch (error) {
        if (isNodeExists(error)) return undefined;
        if (!isMaybeDone(error)) throw error;
        this.#repliesLost += 1;
      }
    }
    throw new Error(`expected ${path} to be written, ${MAX_TRIES} tries ended in a lost reply`);
  }
}

const nameOf = (index: number): string => `entry-${index}`;
const ephemeralOf = (root: string): string => `${root}-ephemeral`;
