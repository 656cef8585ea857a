/**
 * Dubbo's registry on ZooKeeper: never in the way of a call. Sources: `ZookeeperRegistry.java`, `FailbackRegistry.java`,
 * `CacheableFailbackRegistry.java`.
 */
import { type Category, DubboError, DubboPaths, type DubboUrl, type RuleKind } from '@menagerie/dubbo-url';
import { CreateMode, isNodeExists, isNoNode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Failback, RETRY_MS } from './failback.js';
import { FileCache } from './file-cache.js';
import { Followed } from './followed.js';
import { FollowedRule, type RuleListener } from './followed-rule.js';
import { type NotifyListener, Subscription } from './subscription.js';

export interface DubboRegistryOptions {
  /** `host:port,...` */
  readonly connect: string;
  /** Default 40,000: what Dubbo's wish for a minute becomes at a server with its usual ticks. */
  readonly sessionTimeoutMs?: number;
  /** Name of the root; default `dubbo`. */
  readonly group?: string;
  /** Where the lists are kept for a start without registry; default nowhere. */
  readonly cacheFile?: string;
  /** Between tries of what failed; default 5,000. */
  readonly retryMs?: number;
  /** Changes that come within so many milliseconds are one notification; default 50. */
  readonly coalesceMs?: number;
  /** Told of what goes wrong in the background. */
  readonly onProblem?: (error: unknown) => void;
}

const CONNECT_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 5_000;
/** What one process may register and follow. */
const MAX_ENTRIES = 10_000;

export class DubboRegistry implements AsyncDisposable {
  readonly paths: DubboPaths;
  private client: ZooKeeperClient | null = null;
  /** Invariant: by path, what has to be in the tree now; recovery registers these and nothing older (#5927). */
  private readonly registered = new Map<string, DubboUrl>();
  private readonly subscriptions = new Set<Subscription>();
  private readonly followed = new Map<string, Followed>();
  private readonly rules = new Set<FollowedRule>();
  private readonly failback: Failback;
  private readonly cache: FileCache | null;
  private readonly stopping = new AbortController();
  private readonly connecting: Promise<void>;

  /** Connects in the background: everything may be asked of it at once, with or without an ensemble. */
  constructor(private readonly options: DubboRegistryOptions) {
    this.paths = new DubboPaths(options.group);
    this.failback = new Failback(options.retryMs ?? RETRY_MS, (error) => this.report(error));
    this.cache =
      options.cacheFile === undefined ? null : new FileCache(options.cacheFile, (error) => this.report(error));
    this.connecting = this.connect();
  }

  get connected(): boolean {
    return this.client?.state === 'connected';
  }

  /** What still has to be made up for. */
  get pending(): number {
    return this.failback.size;
  }

  get session(): ZooKeeperClient | null {
    return this.client;
  }

  /** Resolves with true when the node is there; with false when it will be made as soon as that is possible. */
  async register(url: DubboUrl): Promise<boolean> {
    if (this.registered.size >= MAX_ENTRIES) {
      throw new DubboError('DUBBO_BAD_REQUEST', `expected at most ${MAX_ENTRIES} registrations, got one more`);
    }
    this.registered.set(this.paths.url(url), url);
    return await this.attempt(this.paths.url(url), () => this.createNode(url));
  }

  async unregister(url: DubboUrl): Promise<boolean> {
    const path = this.paths.url(url);
    this.registered.delete(path);
    return await this.attempt(path, () => this.deleteNode(path));
  }

  /** The new URL first: for a moment there are both, never none. */
  async replace(old: DubboUrl, url: DubboUrl): Promise<void> {
    if (this.paths.url(old) === this.paths.url(url)) return;
    await this.register(url);
    await this.unregister(old);
  }

  /**
   * Resolves when the listener has been told for the first time: what the registry says, or what the file remembers.
   * @throws DubboError `DUBBO_REGISTRY_UNAVAILABLE` when there is neither and the consumer insists (`check=true`)
   */
  async subscribe(
    consumer: DubboUrl,
    categories: readonly Category[],
    listener: NotifyListener,
  ): Promise<Subscription> {
    if (this.subscriptions.size >= MAX_ENTRIES) {
      throw new DubboError('DUBBO_BAD_REQUEST', `expected at most ${MAX_ENTRIES} subscriptions, got one more`);
    }
    const subscription = new Subscription(
      consumer,
      categories,
      (urls) => {
        listener(urls);
        if (urls.length > 0) this.cache?.set(consumer.serviceKey, subscription.cacheable);
      },
      (error) => this.report(error),
    );
    this.subscriptions.add(subscription);
    if (!(await this.attempt(subscription, () => this.begin(subscription)))) {
      const remembered = this.cache?.get(consumer.serviceKey) ?? [];
      if (remembered.length === 0 && consumer.get('check') === 'true') {
        this.unsubscribe(subscription);
        throw new DubboError(
          'DUBBO_REGISTRY_UNAVAILABLE',
          `expected ${this.options.connect} or a cached list, got neither`,
          {
            retryable: true,
          },
        );
      }
      subscription.tell(remembered);
    }
    return subscription;
  }

  unsubscribe(subscription: Subscription): void {
    this.subscriptions.delete(subscription);
    this.failback.remove(this.keyOf(subscription));
    const wanted = new Set([...this.subscriptions].flatMap((one) => one.categories.map((c) => this.pathOf(one, c))));
    for (const [path, followed] of this.followed) {
      if (wanted.has(path)) continue;
      this.followed.delete(path);
      void followed.close();
    }
  }

  /**
   * Follows a rule of the config center, as soon as there is a session; without one the listener hears nothing.
   * @param name of an application, or `ruleKey` of a service
   */
  followRule(name: string, kind: RuleKind, listener: RuleListener): FollowedRule {
    if (this.rules.size >= MAX_ENTRIES) {
      throw new DubboError('DUBBO_BAD_REQUEST', `expected at most ${MAX_ENTRIES} rules, got one more`);
    }
    const rule = new FollowedRule(this.paths.rule(name, kind), listener, (closed) => this.rules.delete(closed));
    this.rules.add(rule);
    const key = `rule ${this.nextKey++}`;
    const begin = async (): Promise<void> => {
      if (!this.rules.has(rule)) return;
      await rule.begin(this.require(), (error) => {
        this.report(error);
        this.failback.add(key, begin);
      });
    };
    void this.attempt(key, begin);
    return rule;
  }

  /** Takes back what was registered, and ends the session. */
  async close(): Promise<void> {
    this.stopping.abort();
    this.failback.close();
    this.subscriptions.clear();
    await Promise.all([...this.followed.values(), ...this.rules].map((one) => one.close()));
    this.followed.clear();
    this.cache?.save();
    await this.connecting;
    await this.client?.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private async connect(): Promise<void> {
    const { connect, sessionTimeoutMs = 40_000 } = this.options;
    while (!this.stopping.signal.aborted) {
      try {
        const client = await ZooKeeper.connect({
          connect,
          sessionTimeoutMs,
          connectTimeoutMs: CONNECT_TIMEOUT_MS,
          callTimeoutMs: CALL_TIMEOUT_MS,
          signal: this.stopping.signal,
        });
        const first = client.session?.id;
        // A new session: every ephemeral node is gone or about to go.
        client.on('session', () => {
          if (client.session?.id !== first || this.client !== null) void this.recover();
        });
        this.client = client;
        // Not from within: whoever is retried may wait for us.
        void this.failback.retry();
        return;
      } catch (error) {
        if (!this.stopping.signal.aborted) this.report(error);
      }
    }
  }

  private async recover(): Promise<void> {
    for (const [path, url] of this.registered) this.failback.add(path, () => this.createNode(url));
    await this.failback.retry();
  }

  /** @returns whether it is done; if not, it will be tried again */
  private async attempt(what: string | Subscription, task: () => Promise<void>): Promise<boolean> {
    const key = typeof what === 'string' ? what : this.keyOf(what);
    this.failback.remove(key);
    try {
      await this.settled();
      await task();
      return true;
    } catch (error) {
      this.report(error);
      this.failback.add(key, task);
      return false;
    }
  }

  /** The first connection may still be under way; without one for this long there is none. */
  private async settled(): Promise<void> {
    if (this.client !== null) return;
    const wait = AbortSignal.timeout(this.options.retryMs ?? RETRY_MS);
    await Promise.race([this.connecting, new Promise((resolve) => wait.addEventListener('abort', resolve))]);
  }

  private require(): ZooKeeperClient {
    if (this.client !== null && this.client.state !== 'closed') return this.client;
    throw new DubboError(
      'DUBBO_REGISTRY_UNAVAILABLE',
      `expected a session with ${this.options.connect}, got none yet`,
      {
        retryable: true,
      },
    );
  }

  /** A node that exists may be of a session that is about to end, and would go with it (#5125, #12646): made anew. */
  private async createNode(url: DubboUrl): Promise<void> {
    const client = this.require();
    const path = this.paths.url(url);
    const mode = url.get('dynamic') === 'false' ? CreateMode.persistent : CreateMode.ephemeral;
    await client.mkdirp(path.slice(0, path.lastIndexOf('/')));
    for (;;) {
      // Unregistered or replaced while it waited to be made.
      if (!this.registered.has(path)) return;
      try {
        await client.create(path, '', { mode });
        return;
      } catch (error) {
        if (!isNodeExists(error)) throw error;
        if (mode === CreateMode.persistent) return;
        await this.deleteNode(path);
      }
    }
  }

  private async deleteNode(path: string): Promise<void> {
    try {
      await this.require().delete(path);
    } catch (error) {
      if (!isNoNode(error)) throw error;
    }
  }

  private async begin(subscription: Subscription): Promise<void> {
    const client = this.require();
    const names = new Map<Category, readonly string[]>();
    for (const category of subscription.categories) {
      const path = this.pathOf(subscription, category);
      let followed = this.followed.get(path);
      if (followed === undefined) this.followed.set(path, (followed = this.follow(client, path, category)));
      try {
        await followed.first;
      } catch (error) {
        this.followed.delete(path);
        throw error;
      }
      names.set(category, followed.current);
    }
    if (this.subscriptions.has(subscription)) subscription.begin(names);
  }

  private follow(client: ZooKeeperClient, path: string, category: Category): Followed {
    return new Followed({
      client,
      path,
      coalesceMs: this.options.coalesceMs ?? 50,
      onNames: (names) => {
        for (const one of this.subscriptions) {
          if (one.categories.includes(category) && this.pathOf(one, category) === path) one.change(category, names);
        }
      },
      onFailure: (error) => {
        this.report(error);
        this.followed.delete(path);
        for (const one of this.subscriptions) {
          if (one.categories.some((c) => this.pathOf(one, c) === path)) {
            this.failback.add(this.keyOf(one), () => this.begin(one));
          }
        }
      },
    });
  }

  private pathOf({ consumer }: Subscription, category: Category): string {
    return this.paths.category(consumer.serviceInterface, category);
  }

  private readonly keys = new WeakMap<Subscription, string>();
  private nextKey = 1;

  private keyOf(subscription: Subscription): string {
    let key = this.keys.get(subscription);
    if (key === undefined) this.keys.set(subscription, (key = `subscription ${this.nextKey++}`));
    return key;
  }

  private report(error: unknown): void {
    this.options.onProblem?.(error);
  }
}
