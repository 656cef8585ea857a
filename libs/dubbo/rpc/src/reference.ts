/** A service as its consumer holds it: discovered, balanced, tried again by its strategy. Source: `AbstractClusterInvoker.java`. */
import {
  balancer,
  type BalancerName,
  Directory,
  type DirectoryChange,
  type Provider,
  strategy,
  type StrategyName,
  type Tries,
} from '@menagerie/dubbo-cluster';
import type { DubboRegistry, Subscription } from '@menagerie/dubbo-registry';
import { BusinessError, Category, DubboError, DubboUrl, isDubboError } from '@menagerie/dubbo-url';
import type { Connections } from './connections.js';
import { currentCall } from './context.js';
import { Rules } from './rules.js';
import { type Attachments, DEFAULT_TIMEOUT_MS } from './wire.js';

export interface ReferenceOptions {
  readonly registry: DubboRegistry;
  readonly connections: Connections;
  readonly serviceInterface: string;
  readonly application: string;
  /** Default 127.0.0.1; what rules and overrides know us by. */
  readonly host?: string;
  readonly version?: string;
  readonly group?: string;
  /** Default failover. */
  readonly cluster?: StrategyName;
  /** Default random. */
  readonly loadbalance?: BalancerName;
  /** Of each try; default 1,000. An override of the provider may say otherwise. */
  readonly timeoutMs?: number;
  /** Default 2. */
  readonly retries?: number;
  readonly tag?: string;
  /** More for the consumer's URL. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Default false, as Dubbo since 3.1. */
  readonly emptyProtection?: boolean;
  /** Stays with the last provider while it is reachable. Default false. */
  readonly sticky?: boolean;
  /** Throw when there is neither a registry nor a cached list. Default false. */
  readonly check?: boolean;
  readonly onProblem?: (error: unknown) => void;
}

export interface CallOptions {
  readonly attachments?: Attachments;
  readonly timeoutMs?: number;
  readonly tag?: string;
  readonly signal?: AbortSignal;
}

/** What has become of calls, by cause. */
export interface CallCounts {
  sent: number;
  answered: number;
  retried: number;
  failed: number;
  readonly causes: Record<string, number>;
}

const FAILBACK_MS = 5_000;
const MAX_FAILBACK = 100;
const CATEGORIES = [Category.providers, Category.configurators, Category.routers];

export class Reference implements AsyncDisposable {
  readonly counts: CallCounts = { sent: 0, answered: 0, retried: 0, failed: 0, causes: {} };
  private readonly directory: Directory;
  private readonly balancer;
  private readonly strategy;
  private readonly consumer: DubboUrl;
  private readonly later = new Set<NodeJS.Timeout>();
  private subscription: Subscription | null = null;
  private rules: Rules | null = null;
  private last: Provider | null = null;

  private constructor(private readonly options: ReferenceOptions) {
    const { serviceInterface, application, host = '127.0.0.1', version, group, timeoutMs, emptyProtection } = options;
    this.balancer = balancer(options.loadbalance ?? 'random');
    this.strategy = strategy(options.cluster ?? 'failover');
    this.consumer = DubboUrl.parse(`consumer://${host}/${serviceInterface}`).with({
      application,
      category: Category.consumers,
      check: String(options.check ?? false),
      interface: serviceInterface,
      pid: String(process.pid),
      side: 'consumer',
      timestamp: String(Date.now()),
      version,
      group,
      timeout: timeoutMs === undefined ? undefined : String(timeoutMs),
      ...options.parameters,
    });
    this.directory = new Directory({
      consumer: this.consumer,
      protocols: ['tri'],
      ...(emptyProtection === undefined ? {} : { emptyProtection }),
    });
  }

  /** Registers the consumer and follows the service; resolves when a first list is known, be it empty. */
  static async open(options: ReferenceOptions): Promise<Reference> {
    const reference = new Reference(options);
    const { registry } = options;
    void registry.register(reference.consumer).catch((error: unknown) => options.onProblem?.(error));
    reference.subscription = await registry.subscribe(reference.consumer, CATEGORIES, (urls) => reference.notify(urls));
    reference.rules = new Rules({
      registry,
      consumer: reference.consumer,
      onRules: (rules) => reference.connect(reference.directory.setRules(rules)),
      onProblem: (error) => options.onProblem?.(error),
    });
    reference.tellRules();
    return reference;
  }

  get providers(): readonly Provider[] {
    return this.directory.providers;
  }

  /** `group/interface:version` */
  get serviceKey(): string {
    return this.consumer.serviceKey;
  }

  isReachable({ address }: Provider): boolean {
    return this.options.connections.isReachable(address);
  }

  /**
   * One call, generic: a method by its name. Null where the strategy answers with nothing.
   * @throws BusinessError what the service says no to; DubboError for everything on the way there
   */
  async call(method: string, args: readonly unknown[] = [], options: CallOptions = {}): Promise<unknown> {
    this.counts.sent += 1;
    try {
      const result = await this.strategy(this.tries(method, args, options));
      this.counts.answered += 1;
      return result;
    } catch (error) {
      if (error instanceof BusinessError) this.counts.answered += 1;
      else {
        this.counts.failed += 1;
        const cause = isDubboError(error, 'DUBBO_EXHAUSTED') ? error.cause : error;
        const code = isDubboError(cause) ? cause.code : 'UNKNOWN';
        this.counts.causes[code] = (this.counts.causes[code] ?? 0) + 1;
      }
      throw error;
    }
  }

  /** The interface's methods as functions. */
  proxy<T extends object>(): T {
    const call = this.call.bind(this);
    return new Proxy({} as T, {
      // Not a promise, whoever asks: `await proxy` would call a method named `then`.
      get: (_, name) =>
        typeof name !== 'string' || name === 'then' ? undefined : (...args: unknown[]) => call(name, args),
    });
  }

  async close(): Promise<void> {
    const { registry, connections } = this.options;
    for (const timer of this.later) clearTimeout(timer);
    if (this.subscription !== null) registry.unsubscribe(this.subscription);
    await this.rules?.close();
    await registry.unregister(this.consumer);
    for (const { address } of this.directory.providers) connections.release(address);
    this.directory.notify([this.consumer.replace({ protocol: 'empty' }).with({ category: Category.providers })]);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private notify(urls: readonly DubboUrl[]): void {
    const change = this.directory.notify(urls);
    this.connect(change);
    this.tellRules();
    for (const problem of change.problems) this.options.onProblem?.(problem);
  }

  private tellRules(): void {
    this.rules?.providedBy(this.directory.providers[0]?.url.get('remote.application') ?? '');
  }

  private connect({ added, removed }: Pick<DirectoryChange, 'added' | 'removed'>): void {
    const { connections } = this.options;
    // First those who come: an address that only changes its parameters keeps its connection.
    for (const { address } of added) connections.acquire(address);
    for (const { address } of removed) connections.release(address);
  }

  private tries(method: string, args: readonly unknown[], options: CallOptions): Tries<unknown> {
    const { retries = 2, onProblem } = this.options;
    const tag = options.tag ?? this.options.tag;
    const first = this.directory.providers[0]?.url;
    return {
      list: () => this.directory.list({ method, tag }),
      select: (providers, tried) => this.select(providers, tried, method, args),
      invoke: (provider, signal) => this.invoke(provider, method, args, options, signal),
      mayRetry: (error) => isDubboError(error) && error.retryable,
      retries: first?.number('retries', retries) ?? retries,
      failPercent: first?.number('broadcast.fail.percent', 100) ?? 100,
      forks: first?.number('forks', 2) ?? 2,
      isReachable: (provider) => this.isReachable(provider),
      onSwallowed: (error) => onProblem?.(error),
      onRetry: () => (this.counts.retried += 1),
      later: (task) => this.postpone(task),
      merge: (results) => results.flat(),
    };
  }

  private select(
    providers: readonly Provider[],
    tried: ReadonlySet<Provider>,
    method: string,
    args: readonly unknown[],
  ): Provider {
    const { connections, sticky = false } = this.options;
    const untried = tried.size === 0 ? providers : providers.filter((one) => !tried.has(one));
    const reachable = untried.filter(({ address }) => connections.isReachable(address));
    // Unreachable ones are better than none: one of them may be back.
    const from = reachable.length > 0 ? reachable : untried.length > 0 ? untried : providers;
    if (sticky && this.last !== null && from.includes(this.last)) return this.last;
    const [only] = from;
    if (only === undefined)
      throw new DubboError('DUBBO_NO_PROVIDER', `expected a provider of ${this.consumer.serviceKey}`);
    const choice = { method, args, nowMs: Date.now(), random: Math.random };
    this.last =
      from.length === 1 ? only : this.balancer.select(reachable.length === providers.length ? providers : from, choice);
    return this.last;
  }

  private async invoke(
    provider: Provider,
    method: string,
    args: readonly unknown[],
    options: CallOptions,
    ended?: AbortSignal,
  ): Promise<unknown> {
    const { url, address } = provider;
    const outer = currentCall();
    const timeoutMs = options.timeoutMs ?? Number(url.forMethod(method, 'timeout') ?? DEFAULT_TIMEOUT_MS);
    const deadlineMs = Math.min(Date.now() + timeoutMs, outer?.deadlineMs ?? Infinity);
    const beganMs = performance.now();
    provider.status(method).begin();
    let succeeded = false;
    try {
      const result = await this.options.connections.call(address, {
        serviceInterface: this.options.serviceInterface,
        method,
        args,
        version: url.get('version'),
        group: url.get('group'),
        application: this.options.application,
        attachments: options.attachments,
        deadlineMs,
        signal: anyOf(options.signal, ended, outer?.signal),
      });
      succeeded = true;
      return result;
    } catch (error) {
      // A refusal is an answer.
      succeeded = error instanceof BusinessError;
      throw error;
    } finally {
      provider.status(method).end(succeeded, performance.now() - beganMs, Date.now());
    }
  }

  private postpone(task: () => Promise<void>): boolean {
    if (this.later.size >= MAX_FAILBACK) return false;
    const timer = setTimeout(() => {
      this.later.delete(timer);
      task().catch((error: unknown) => this.options.onProblem?.(error));
    }, FAILBACK_MS);
    this.later.add(timer.unref());
    return true;
  }
}

/** None is the usual, and costs nothing. */
function anyOf(...given: readonly (AbortSignal | undefined)[]): AbortSignal | undefined {
  const signals = given.filter((signal) => signal !== undefined);
  return signals.length > 1 ? AbortSignal.any(signals) : signals[0];
}
