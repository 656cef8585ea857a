/**
 * Dubbo's registry on ZooKeeper: never in the way of a call. Sources: `ZookeeperRegistry.java`, `FailbackRegistry.java`,
 * `CacheableFailbackRegistry.java`.
 */
import { Category, DubboError, DubboPaths, type DubboUrl, instancesPath, type RuleKind } from '@menagerie/dubbo-url';
import { CreateMode, isNodeExists, isNoNode, ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { Discovery } from './applications/discovery.js';
import { instanceOf, publishMetadata } from './applications/publish.js';
import { Failback, RETRY_MS } from './failback.js';
import { FileCache } from './file-cache.js';
import { Followed } from './followed.js';
import { FollowedRule, type RuleListener } from './followed-rule.js';
import type { DubboRegistryOptions } from './options.js';
import { type NotifyListener, Subscription } from './subscription.js';

const CONNECT_TIMEOUT_MS = 10_000;
const CALL_TIMEOUT_MS = 5_000;
/** What one process may register and follow. */
const MAX_ENTRIES = 10_000;

export class DubboRegistry implements AsyncDisposable {
  readonly paths: DubboPaths;
  private client: ZooKeeperClient | null = null;
  /** Invariant: by path, what has to be in the tree now; recovery registers these and nothing older (#5927). */
  private readonly registered = new Map<string, DubboUrl>();
  /** Invariant: by path of the process's own node, all that it offers; never empty. */
  private readonly instances = new Map<string, readonly [DubboUrl, ...DubboUrl[]]>();
  private readonly subscriptions = new Set<Subscription>();
  private readonly followed = new Map<string, Followed | Discovery>();
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
    const path = this.paths.url(url);
    const { registerMode = 'interface' } = this.options;
    const application = url.get('side') === 'provider' ? url.get('application') : undefined;
    if (registerMode === 'interface' || application === undefined) {
      this.registered.set(path, url);
      return await this.attempt(path, () => this.createNode(url));
    }
    const node = `${instancesPath(application)}/${url.address}`;
    this.instances.set(node, [url, ...(this.instances.get(node) ?? []).filter((one) => this.paths.url(one) !== path)]);
    const isListed = await this.attempt(node, () => this.createInstance(node));
    if (registerMode === 'instance') return isListed;
    this.registered.set(path, url);
    return (await this.attempt(path, () => this.createNode(url))) && isListed;
  }

  async unregister(url: DubboUrl): Promise<boolean> {
    const path = this.paths.url(url);
    const wasListed = this.registered.delete(path);
    for (const [node, urls] of this.instances) {
      const [first, ...more] = urls.filter((one) => this.paths.url(one) !== path);
      if (more.length + (first === undefined ? 0 : 1) === urls.length) continue;
      if (first === undefined) this.instances.delete(node);
      else this.instances.set(node, [first, ...more]);
      const isDone = await this.attempt(node, () => this.createInstance(node));
      if (!wasListed) return isDone;
    }
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
    for (const node of this.instances.keys()) this.failback.add(node, () => this.createInstance(node));
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

  private async createNode(url: DubboUrl): Promise<void> {
    const path = this.paths.url(url);
    const mode = url.get('dynamic') === 'false' ? CreateMode.persistent : CreateMode.ephemeral;
    await this.createAnew(path, mode, () => (this.registered.has(path) ? '' : null));
  }

  /** The process under its application, as it is now; taken away when it offers nothing any more. */
  private async createInstance(node: string): Promise<void> {
    const urls = this.instances.get(node);
    if (urls === undefined) return await this.deleteNode(node);
    const application = urls[0].get('application') ?? '';
    const client = this.require();
    // Whoever sees the instance may rely on what it refers to.
    await publishMetadata(client, this.paths, application, urls);
    const data = (): string | null => {
      const now = this.instances.get(node);
      return now === undefined ? null : instanceOf(application, now, Date.now()).data;
    };
    const mode = CreateMode.ephemeral;
    try {
      // At once: nobody is to read a list without it. And a new node: those who follow the list hear of it.
      await client.multi([
        { kind: 'delete', path: node },
        { kind: 'create', path: node, data: data() ?? '', mode },
      ]);
    } catch (error) {
      if (!isNoNode(error)) throw error;
      await this.createAnew(node, mode, data);
    }
    if (data() === null) await this.deleteNode(node);
  }

  /**
   * A node that exists may be of a session that is about to end, and would go with it (#5125, #12646): made anew.
   * @param data null when it is not to be there any more: unregistered or replaced while it waited to be made
   */
  private async createAnew(path: string, mode: CreateMode, data: () => string | null): Promise<void> {
    const client = this.require();
    await client.mkdirp(path.slice(0, path.lastIndexOf('/')));
    for (;;) {
      const content = data();
      if (content === null) return;
      try {
        await client.create(path, content, { mode });
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
      if (followed === undefined)
        this.followed.set(path, (followed = this.follow(client, path, category, subscription)));
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

  private follow(
    client: ZooKeeperClient,
    path: string,
    category: Category,
    { consumer }: Subscription,
  ): Followed | Discovery {
    const how = {
      client,
      coalesceMs: this.options.coalesceMs ?? 50,
      onNames: (names: readonly string[]) => {
        for (const one of this.subscriptions) {
          if (one.categories.includes(category) && this.pathOf(one, category) === path) one.change(category, names);
        }
      },
      onFailure: (error: unknown) => {
        this.report(error);
        this.followed.delete(path);
        for (const one of this.subscriptions) {
          if (one.categories.some((c) => this.pathOf(one, c) === path)) {
            this.failback.add(this.keyOf(one), () => this.begin(one));
          }
        }
      },
    };
    if (this.options.discovery !== 'application' || category !== Category.providers)
      return new Followed({ path, ...how });
    const { paths } = this;
    const { serviceInterface } = consumer;
    return new Discovery({ paths, serviceInterface, onProblem: (error) => this.report(error), ...how });
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
