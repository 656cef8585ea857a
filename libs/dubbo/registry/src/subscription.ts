/** What one consumer is told: the whole truth about a category, each time it changes. Source: `ZookeeperRegistry.java`. */
import {
  ANY,
  Category,
  categoryOf,
  DubboError,
  type DubboUrl,
  emptyMarker,
  isDubboError,
  isEmptyMarker,
  isMatch,
  OTHERS,
  urlOf,
} from '@menagerie/dubbo-url';

/** @param urls never empty: nobody there is one marker */
export type NotifyListener = (urls: readonly DubboUrl[]) => void;

/** Names longer than these lists are cut: a list of this length is a mistake or an attack. */
const MAX_NAMES = 10_000;

export class Subscription {
  /** Invariant: until the first notify is over, changes wait here, the latest of each category. */
  private held: Map<Category, readonly string[]> | null = new Map();
  private readonly latest = new Map<Category, readonly DubboUrl[]>();

  constructor(
    readonly consumer: DubboUrl,
    readonly categories: readonly Category[],
    private readonly listener: NotifyListener,
    private readonly onProblem: (error: DubboError) => void,
  ) {}

  /** All categories at once, then whatever came meanwhile. */
  begin(names: ReadonlyMap<Category, readonly string[]>): void {
    this.tell([...names].flatMap(([category, list]) => this.urlsOf(category, list)));
    const held = this.held ?? new Map<Category, readonly string[]>();
    this.held = null;
    for (const [category, list] of held) this.change(category, list);
  }

  change(category: Category, names: readonly string[]): void {
    if (this.held !== null) this.held.set(category, names);
    else this.tell(this.urlsOf(category, names));
  }

  /** From the file: better than nothing, until the registry says more. */
  tell(urls: readonly DubboUrl[]): void {
    if (urls.length === 0) return;
    for (const category of this.categories) {
      const list = urls.filter((url) => categoryOf(url) === category);
      if (list.length > 0) this.latest.set(category, list);
    }
    this.listener(urls);
  }

  /** For the file; without markers, since an empty list is no start. */
  get cacheable(): readonly DubboUrl[] {
    return [...this.latest.values()].flat().filter((url) => !isEmptyMarker(url));
  }

  /** A name that is no URL costs nobody but itself. */
  private urlsOf(category: Category, names: readonly string[]): readonly DubboUrl[] {
    const matching: DubboUrl[] = [];
    const others = new Set<string>();
    for (const name of names.slice(0, MAX_NAMES)) {
      try {
        const url = urlOf(name);
        if (this.concerns(category, url)) matching.push(url);
        else if (category === Category.providers) others.add(url.serviceKey);
      } catch (error) {
        if (!isDubboError(error)) throw error;
        this.onProblem(error);
      }
    }
    if (matching.length > 0) return matching;
    const nobody = emptyMarker(this.consumer, category);
    if (others.size === 0) return [nobody];
    const there = [...others].slice(0, 10).join(', ');
    const message = `expected a provider of ${this.consumer.serviceKey}, got only ${there}`;
    this.onProblem(new DubboError('DUBBO_VERSION_MISMATCH', message));
    return [nobody.with({ [OTHERS]: there })];
  }

  /** Rules are for the interface unless they name a group or version themselves. */
  private concerns(category: Category, url: DubboUrl): boolean {
    if (category === Category.providers) return isMatch(this.consumer, url);
    const open = { ...(url.get('group') ? {} : { group: ANY }), ...(url.get('version') ? {} : { version: ANY }) };
    return isMatch(this.consumer.with(open), url);
  }
}
