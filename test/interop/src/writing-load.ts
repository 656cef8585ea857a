/** A client that writes one node after another and remembers which were acknowledged: what must be there in the end. */
import { isMaybeDone, isNodeExists, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { waitFor, type TestServer } from '@menagerie/zookeeper-testing';
import { expect } from 'vitest';
import { clientOf } from './tree.js';

const SESSION_TIMEOUT_MS = 10_000;
const MAX_TRIES = 200;

export class WritingLoad {
  readonly #client: ZooKeeperClient;
  readonly #root: string;
  readonly #session: bigint;
  #acknowledged = 0;
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
      connectTimeoutMs: 30_000,
    });
    await client.create(root, '');
    await client.create(`${root}-ephemeral`, '', { mode: 1 });
    return new WritingLoad(client, root);
  }

  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** Writing has gone on since. */
  async more(count = 20): Promise<void> {
    const goal = this.#acknowledged + count;
    await waitFor(() => this.#acknowledged >= goal, { timeoutMs: 40_000, what: `${count} more acknowledged writes` });
  }

  /** Ends the writing, and says that the session it began with is alive still, with its ephemeral node. */
  async end(): Promise<void> {
    this.#running = false;
    await this.#writer;
    expect(this.#client.session?.id).toBe(this.#session);
    expect((await this.#client.exists(`${this.#root}-ephemeral`))?.ephemeralOwner).toBe(this.#session);
  }

  async close(): Promise<void> {
    this.#running = false;
    await this.#writer.catch(() => undefined);
    await this.#client.close();
  }

  /** The acknowledged writes that this server does not have. */
  async missingOn(server: TestServer): Promise<string[]> {
    const witness = await clientOf(server.address);
    try {
      await witness.sync('/');
      const there = new Set((await witness.getChildren(this.#root)).children);
      return Array.from({ length: this.#acknowledged }, (_, i) => `entry-${i}`).filter((name) => !there.has(name));
    } finally {
      await witness.close();
    }
  }

  async #write(): Promise<void> {
    while (this.#running) {
      await this.#surelyCreate(`${this.#root}/entry-${this.#acknowledged}`);
      this.#acknowledged += 1;
    }
  }

  async #surelyCreate(path: string): Promise<void> {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      try {
        await this.#client.create(path, 'x');
        return;
      } catch (error) {
        if (isNodeExists(error)) return;
        if (!isMaybeDone(error)) throw error;
      }
    }
    throw new Error(`${MAX_TRIES} tries to create ${path} ended in a lost reply`);
  }
}
