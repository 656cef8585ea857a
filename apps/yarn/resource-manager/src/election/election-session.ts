/** One session of the elector with ZooKeeper, and the few things it does there. Each call answers with a `ZkResult`. */
import { type ElectionPaths, type LockEvent, type SessionEvent, ZkResult } from '@menagerie/yarn-core';
import { CreateMode, OPEN_ACL, type WatchEvent, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import type { ClientLogger, StateChange } from '@menagerie/zookeeper-client';
import { zkResultOf } from './zk-result.js';

export interface ElectionSessionOptions {
  readonly zkConnect: string;
  readonly sessionTimeoutMs: number;
  readonly paths: ElectionPaths;
  /** What the lock and the breadcrumb hold. */
  readonly data: Buffer;
  readonly logger: ClientLogger;
}

export interface ElectionEvents {
  readonly session: (event: SessionEvent) => void;
  readonly lock: (event: LockEvent) => void;
}

const sessionEvents: Partial<Record<StateChange['state'], SessionEvent>> = {
  connected: 'connected',
  suspended: 'disconnected',
  lost: 'expired',
  closed: 'expired',
};

export class ElectionSession {
  private readonly opened = new AbortController();
  private client: ZooKeeperClient | null = null;
  private ended = false;

  constructor(
    private readonly options: ElectionSessionOptions,
    private readonly events: ElectionEvents,
  ) {}

  get sessionId(): bigint | null {
    return this.client?.session?.id ?? null;
  }

  /** Tries for one session timeout; the outcome comes as an event. */
  async open(): Promise<void> {
    const { zkConnect, sessionTimeoutMs, logger, paths } = this.options;
    try {
      const client = await ZooKeeper.connect({
        connect: zkConnect,
        sessionTimeoutMs,
        connectTimeoutMs: sessionTimeoutMs,
        callTimeoutMs: sessionTimeoutMs,
        signal: this.opened.signal,
        logger,
      });
      this.client = client;
      if (this.ended) return void (await client.close());
      client.on('state', (change) => this.changed(change));
      await client.mkdirp(paths.parent);
      if (this.ended) return;
      this.events.session('connected');
      if (client.state !== 'connected') this.events.session(sessionEvents[client.state] ?? 'disconnected');
    } catch (error) {
      this.options.logger.warn('no session for the election', { error: String(error) });
      await this.end();
      this.events.session('open-failed');
    }
  }

  private changed(change: StateChange): void {
    const event = sessionEvents[change.state];
    if (event && !this.ended) this.events.session(event);
  }

  async createLock(): Promise<ZkResult> {
    return this.result(async (client) => {
      await client.create(this.options.paths.lock, this.options.data, { mode: CreateMode.ephemeral, acl: OPEN_ACL });
    });
  }

  /** Leaves a watch, whether the lock is there or not. */
  async checkLock(): Promise<{ readonly result: ZkResult; readonly own: boolean }> {
    let own = false;
    const result = await this.result(async (client) => {
      const stat = await client.exists(this.options.paths.lock, { watch: (event) => this.watched(event) });
      if (stat === null) return ZkResult.NoNode;
      own = stat.ephemeralOwner === client.session?.id;
      return ZkResult.Ok;
    });
    return { result, own };
  }

  private watched(event: WatchEvent): void {
    // A lost session is told by its own event.
    if (this.ended || event.type === 'session-lost') return;
    this.events.lock(event.type === 'deleted' ? 'deleted' : 'changed');
  }

  async readBreadcrumb(): Promise<{ readonly result: ZkResult; readonly version: number; readonly own: boolean }> {
    let version = -1;
    let own = false;
    const result = await this.result(async (client) => {
      const { data, stat } = await client.getData(this.options.paths.breadcrumb);
      version = stat.version;
      own = data.equals(this.options.data);
    });
    return { result, version, own };
  }

  async writeBreadcrumb(version: number | null): Promise<ZkResult> {
    const { paths, data } = this.options;
    return this.result(async (client) => {
      if (version === null) await client.create(paths.breadcrumb, data, { acl: OPEN_ACL });
      else await client.setData(paths.breadcrumb, data, { version });
    });
  }

  /** Only if it is still ours; that it stays costs the next active nothing but a look. */
  async deleteOwnBreadcrumb(): Promise<void> {
    const { version, own, result } = await this.readBreadcrumb();
    if (result !== ZkResult.Ok || !own) return;
    await this.result((client) => client.delete(this.options.paths.breadcrumb, { version }));
  }

  /** The lock's data, or null when nobody holds it. */
  async lockData(): Promise<Buffer | null> {
    let data: Buffer | null = null;
    await this.result(async (client) => {
      data = (await client.getData(this.options.paths.lock)).data;
    });
    return data;
  }

  /** Ends the session at the server; nothing is told any more. */
  async end(): Promise<void> {
    this.ended = true;
    this.opened.abort();
    await this.client?.close();
  }

  private async result(what: (client: ZooKeeperClient) => Promise<ZkResult | void>): Promise<ZkResult> {
    if (this.client === null) return ZkResult.SessionLost;
    try {
      return (await what(this.client)) ?? ZkResult.Ok;
    } catch (error) {
      return zkResultOf(error);
    }
  }
}
