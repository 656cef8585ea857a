/** What a consumer knows of a service: providers and rules, made of what the registry tells. Source: `RegistryDirectory.java`. */
import {
  Category,
  categoryOf,
  DubboError,
  type DubboUrl,
  isDubboError,
  isEmptyMarker,
  OTHERS,
} from '@menagerie/dubbo-url';
import { configure, inOrder, isDisabled, mergeUrl } from '../configure/configure.js';
import { Provider } from '../provider/provider.js';
import { NO_ROUTING, route, type RoutedCall, type Routing } from '../route/route.js';
import { type Route, routeOf, type TagRoute } from '../route/rules.js';

export interface DirectoryOptions {
  readonly consumer: DubboUrl;
  /** Protocols that can be called; others in the list are left alone. */
  readonly protocols: readonly string[];
  /** An empty list of *providers* is not believed while there are some (PR #9408). Default false, as Dubbo since 3.1. */
  readonly emptyProtection?: boolean;
}

export interface DirectoryChange {
  readonly added: readonly Provider[];
  /** To be let go after the swap: calls under way still use them. */
  readonly removed: readonly Provider[];
  /** An empty list was ignored. */
  readonly protected: boolean;
  /** Rules that do not parse. The ones before hold. */
  readonly problems: readonly DubboError[];
}

/** Of the config center, which come apart from the lists. What is left out stays as it is. */
export interface DirectoryRules {
  readonly conditions?: readonly Route[];
  readonly tag?: TagRoute | null;
  /** One after the other, each list in its own order: those of the application, then those of the service. */
  readonly overrides?: readonly (readonly DubboUrl[])[];
}

/** Providers of one service that are kept; more is taken for a mistake. */
const MAX_PROVIDERS = 10_000;

export class Directory {
  /** Replaced as a whole, never changed. */
  private current: readonly Provider[] = [];
  private reported: readonly DubboUrl[] = [];
  private overrides: readonly DubboUrl[] = [];
  private ruleOverrides: readonly (readonly DubboUrl[])[] = [];
  private routes: readonly Route[] = [];
  private ruleRoutes: readonly Route[] = [];
  private tag: TagRoute | null = null;
  private routing: Routing = NO_ROUTING;
  /** The registry has said: nobody. */
  private forbidden = false;
  /** Other versions and groups of the interface, when it says so. */
  private others = '';

  constructor(private readonly options: DirectoryOptions) {}

  get providers(): readonly Provider[] {
    return this.current;
  }

  /** The whole truth about the categories that it names, and nothing about others. */
  notify(urls: readonly DubboUrl[]): DirectoryChange {
    const problems: DubboError[] = [];
    const of = (category: Category): readonly DubboUrl[] => urls.filter((url) => categoryOf(url) === category);
    const configurators = of(Category.configurators);
    if (configurators.length > 0) this.overrides = inOrder(configurators.filter((url) => !isEmptyMarker(url)));
    const routers = of(Category.routers);
    if (routers.length > 0) this.takeRouters(routers, problems);
    const providers = of(Category.providers);
    const empty = providers.length > 0 && providers.every(isEmptyMarker);
    // By category: an empty list of overrides says nothing about providers (#10031).
    const distrusted = empty && this.options.emptyProtection === true && this.reported.length > 0;
    if (providers.length > 0 && !distrusted) {
      this.reported = providers.filter((url) => !isEmptyMarker(url)).slice(0, MAX_PROVIDERS);
      this.forbidden = empty;
      this.others = providers[0]?.get(OTHERS) ?? '';
    }
    const { added, removed } = this.refresh();
    return { added, removed, protected: distrusted, problems };
  }

  /** Rules of the config center: they apply after those that stand in the service's own lists. */
  setRules({ conditions, tag, overrides }: DirectoryRules): Pick<DirectoryChange, 'added' | 'removed'> {
    if (conditions !== undefined) this.ruleRoutes = conditions;
    if (tag !== undefined) this.tag = tag;
    this.order();
    if (overrides === undefined) return { added: [], removed: [] };
    this.ruleOverrides = overrides.map(inOrder);
    return this.refresh();
  }

  /** Who may be called. @throws DubboError `DUBBO_NO_PROVIDER` with the reason, `DUBBO_VERSION_MISMATCH` */
  list(call: Omit<RoutedCall, 'consumer'>): readonly Provider[] {
    const { consumer } = this.options;
    if (this.current.length === 0) {
      if (this.others !== '') {
        const message = `expected a provider of ${consumer.serviceKey}, got only ${this.others}`;
        throw new DubboError('DUBBO_VERSION_MISMATCH', message, { retryable: true });
      }
      const why = this.forbidden ? 'the registry lists nobody' : 'nobody has been heard of yet';
      throw new DubboError('DUBBO_NO_PROVIDER', `expected a provider of ${consumer.serviceKey}: ${why}`, {
        retryable: true,
      });
    }
    if (this.routing === NO_ROUTING && call.tag === undefined && !this.tagged) return this.current;
    const left = route(this.current, this.routing, { ...call, consumer });
    if (left.length > 0) return left;
    throw new DubboError(
      'DUBBO_NO_PROVIDER',
      `expected a provider of ${consumer.serviceKey} for ${call.method}: rules leave none of ${this.current.length}`,
    );
  }

  private tagged = false;

  private takeRouters(urls: readonly DubboUrl[], problems: DubboError[]): void {
    const routes: Route[] = [];
    for (const url of urls) {
      if (isEmptyMarker(url)) continue;
      try {
        const one = routeOf(url);
        if (one !== null) routes.push(one);
      } catch (error) {
        if (!isDubboError(error)) throw error;
        problems.push(error);
      }
    }
    // A rule that does not parse must not lift the others: with problems only what is good is taken.
    if (routes.length > 0 || problems.length === 0) this.routes = routes;
    this.order();
  }

  private order(): void {
    const conditions = [...this.routes, ...this.ruleRoutes].sort((a, b) => b.priority - a.priority);
    this.routing = conditions.length === 0 && this.tag === null ? NO_ROUTING : { conditions, tag: this.tag };
  }

  private refresh(): { added: readonly Provider[]; removed: readonly Provider[] } {
    const { consumer, protocols } = this.options;
    const self = { host: consumer.host, side: 'consumer' };
    const before = new Map(this.current.map((provider) => [provider.url.toString(), provider]));
    const after = new Map<string, Provider>();
    for (const url of this.reported) {
      if (!protocols.includes(url.protocol)) continue;
      const merged = [this.overrides, ...this.ruleOverrides].reduce(
        (configured, overrides) => configure(configured, overrides, self),
        mergeUrl(url, consumer),
      );
      if (isDisabled(merged)) continue;
      const key = merged.toString();
      after.set(key, before.get(key) ?? new Provider(merged));
    }
    const added = [...after].filter(([key]) => !before.has(key)).map(([, provider]) => provider);
    const removed = [...before].filter(([key]) => !after.has(key)).map(([, provider]) => provider);
    if (added.length + removed.length > 0) this.current = [...after.values()];
    this.tagged = this.current.some(({ url }) => url.get('dubbo.tag') !== undefined);
    return { added, removed };
  }
}
