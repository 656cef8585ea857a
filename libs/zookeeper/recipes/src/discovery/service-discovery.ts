/**
 * Services that find each other: `/services/<name>/<id>`, ephemeral, one node an instance.
 * Source: Curator's x-discovery (layout and JSON are its own: `instance.ts`).
 *
 * Suspended: instances known so far stay known; a caller whose call fails says so (`noteFailure`) and gets another one.
 * Lost: our registration goes and comes back with the next session. That a node is there says that a session lives, not
 * that the service is well; and it stays for up to a session timeout after its process died.
 */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ChildrenCache } from '../cache/children-cache.js';
import { PersistentNode } from '../membership/persistent-node.js';
import { join } from '../support/names.js';
import { checkInstance, decodeInstance, encodeInstance, type ServiceInstance } from './instance.js';
import { roundRobin, type Strategy } from './strategy.js';

export interface Registration extends AsyncDisposable {
  readonly instance: ServiceInstance;
  /** Whether it stood at our last look. */
  readonly isPresent: boolean;
  /** Replaces the payload for all to see. */
  update(payload: unknown): void;
  /** Takes it away; resolves when it is gone or certain to go. */
  withdraw(): Promise<void>;
}

export interface ProviderOptions {
  readonly strategy?: Strategy;
  /** An instance with this many failures noted is left out for a while. Default 3. */
  readonly failuresAllowed?: number;
  /** For how long, in milliseconds; default 30,000. */
  readonly downMs?: number;
  readonly onChange?: (instances: readonly ServiceInstance[]) => void;
  readonly onFailure?: (error: unknown) => void;
}

export class ServiceDiscovery {
  constructor(
    private readonly client: ZooKeeperClient,
    readonly path = '/services',
  ) {}

  /**
   * Registers and keeps registered until withdrawn.
   * @throws RecipeError `RECIPE_MISUSED` for an instance that nobody could call.
   */
  register(
    instance: Omit<ServiceInstance, 'registeredAtMs'>,
    options: { readonly onFailure?: (error: unknown) => void } = {},
  ): Registration {
    let current: ServiceInstance = { ...instance, registeredAtMs: Date.now() };
    checkInstance(current);
    const path = join(join(this.path, instance.name), instance.id);
    const node = new PersistentNode(this.client, path, encodeInstance(current), options);
    node.start();
    return {
      get instance() {
        return current;
      },
      get isPresent() {
        return node.isPresent;
      },
      update: (payload) => {
        current = { ...current, payload };
        node.setData(encodeInstance(current));
      },
      withdraw: () => node.close(),
      [Symbol.asyncDispose]: () => node.close(),
    };
  }

  /** A local copy of a service's instances that follows them; `start` it, `close` it. */
  provider(service: string, options: ProviderOptions = {}): ServiceProvider {
    return new ServiceProvider(this.client, join(this.path, service), options);
  }
}

interface Failures {
  count: number;
  sinceMs: number;
}

export class ServiceProvider implements AsyncDisposable {
  private readonly cache: ChildrenCache;
  private readonly strategy: Strategy;
  /** At most one entry an instance that is there. */
  private readonly failures = new Map<string, Failures>();

  constructor(
    client: ZooKeeperClient,
    path: string,
    private readonly options: ProviderOptions,
  ) {
    this.strategy = options.strategy ?? roundRobin();
    this.cache = new ChildrenCache(client, path, {
      onEvent: ({ kind, node }) => {
        if (kind === 'removed') this.failures.delete(node.path.slice(path.length + 1));
        options.onChange?.(this.instances);
      },
      ...(options.onFailure ? { onFailure: options.onFailure } : {}),
    });
  }

  /** Resolves when the instances of this moment are known. */
  start(): Promise<void> {
    return this.cache.start();
  }

  /** All that are registered, by id. */
  get instances(): readonly ServiceInstance[] {
    return [...this.cache.children.values()].flatMap(({ data }) => decodeInstance(data) ?? []);
  }

  /** One to call, by the strategy; `null` when there is none. Those that failed lately are taken only if all did. */
  pick(): ServiceInstance | null {
    const all = this.instances;
    const well = all.filter(({ id }) => !this.isDown(id));
    const choice = well.length > 0 ? well : all;
    return choice.length === 0 ? null : this.strategy.pick(choice);
  }

  /** Says that a call to this instance failed. */
  noteFailure({ id }: ServiceInstance): void {
    const nowMs = performance.now();
    const known = this.failures.get(id);
    const isRecent = known !== undefined && nowMs - known.sinceMs < this.downMs;
    this.failures.set(id, { count: isRecent ? known.count + 1 : 1, sinceMs: nowMs });
  }

  close(): Promise<void> {
    return this.cache.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  private get downMs(): number {
    return this.options.downMs ?? 30_000;
  }

  private isDown(id: string): boolean {
    const known = this.failures.get(id);
    if (known === undefined) return false;
    if (performance.now() - known.sinceMs >= this.downMs) return false;
    return known.count >= (this.options.failuresAllowed ?? 3);
  }
}
