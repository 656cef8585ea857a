/**
 * The store's own session with ZooKeeper, apart from the elector's, as YARN keeps them: losing the one must not lose the
 * other. It is opened when this process first becomes active and kept until it stops; a session that is lost is followed
 * by a new one with the same credentials, which is what lets a deposed active find out that they count no more.
 */
import { randomBytes } from 'node:crypto';
import { fencingCredentials } from '@menagerie/yarn-core';
import { type ClientLogger, digestId, type Id, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';

export interface StoreSessionOptions {
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
  readonly rmAddress: string;
  readonly logger: ClientLogger;
}

export class StoreSession {
  private readonly credentials: string;
  private client: ZooKeeperClient | null = null;

  constructor(private readonly options: StoreSessionOptions) {
    this.credentials = fencingCredentials(options.rmAddress, randomBytes(16).toString('hex'));
  }

  /** Who this process is in the root's ACL. */
  get holder(): Id {
    return digestId(this.credentials);
  }

  get sessionId(): bigint | null {
    return this.client?.session?.id ?? null;
  }

  /** @throws ZkConnectError when there is no session to be had within two session timeouts */
  async open(): Promise<ZooKeeperClient> {
    const { zkConnect, sessionTimeoutMs, logger } = this.options;
    this.client ??= await ZooKeeper.connect({
      connect: zkConnect,
      sessionTimeoutMs,
      connectTimeoutMs: 2 * sessionTimeoutMs,
      callTimeoutMs: sessionTimeoutMs,
      auth: [{ scheme: 'digest', credentials: this.credentials }],
      logger,
    });
    return this.client;
  }

  async close(): Promise<void> {
    await this.client?.close();
  }
}
