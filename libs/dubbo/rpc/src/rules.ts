/**
 * Rules of the config center that concern one consumer: those for its application, for the service, and the tags of the
 * application that provides. Sources: `RegistryDirectory.java` (`ConsumerConfigurationListener`), `TagStateRouter.java`.
 */
import {
  conditionRules,
  configuratorRules,
  type DirectoryRules,
  type Route,
  tagRule,
  type TagRoute,
} from '@menagerie/dubbo-cluster';
import type { DubboRegistry, FollowedRule } from '@menagerie/dubbo-registry';
import { ANY, type DubboUrl, isDubboError, RuleKind } from '@menagerie/dubbo-url';

export interface RulesOptions {
  readonly registry: DubboRegistry;
  readonly consumer: DubboUrl;
  readonly onRules: (rules: DirectoryRules) => void;
  /** Told of a rule that does not parse; the one before holds. */
  readonly onProblem: (error: unknown) => void;
}

export class Rules {
  private readonly followed: FollowedRule[] = [];
  private readonly conditions = new Map<string, readonly Route[]>();
  /** Invariant: the application's before the service's, so that the service's have the last word. */
  private readonly overrides = new Map<string, readonly DubboUrl[]>();
  private tagged: FollowedRule | null = null;
  private provider = '';

  constructor(private readonly options: RulesOptions) {
    const { consumer } = options;
    const names = [consumer.get('application') ?? '', consumer.ruleKey].filter((name) => name !== '');
    for (const name of names) {
      this.overrides.set(name, []);
      const overrides = this.follow(name, RuleKind.configurators, configuratorRules, [], (urls) => {
        this.overrides.set(
          name,
          urls.filter((url) => this.concerns(url)),
        );
        options.onRules({ overrides: [...this.overrides.values()] });
      });
      const conditions = this.follow(name, RuleKind.conditionRouter, conditionRules, [], (routes) => {
        this.conditions.set(name, routes);
        options.onRules({ conditions: [...this.conditions.values()].flat() });
      });
      this.followed.push(overrides, conditions);
    }
  }

  /** Who provides has the tags: its rule is followed from now on. */
  providedBy(application: string): void {
    if (application === '' || application === this.provider) return;
    this.provider = application;
    void this.tagged?.close();
    this.tagged = this.follow<TagRoute | null>(application, RuleKind.tagRouter, tagRule, null, (tag) => {
      if (application === this.provider) this.options.onRules({ tag });
    });
  }

  async close(): Promise<void> {
    const all = this.tagged === null ? this.followed : [...this.followed, this.tagged];
    await Promise.all(all.map((rule) => rule.close()));
  }

  private follow<T>(
    name: string,
    kind: RuleKind,
    parse: (yaml: string) => T,
    none: T,
    take: (rule: T) => void,
  ): FollowedRule {
    return this.options.registry.followRule(name, kind, (text) => {
      try {
        take(text === null || text.trim() === '' ? none : parse(text));
      } catch (error) {
        if (!isDubboError(error, 'DUBBO_BAD_RULE')) throw error;
        this.options.onProblem(error);
      }
    });
  }

  /** A rule of an application may be for some of its services. */
  private concerns({ path }: DubboUrl): boolean {
    return path === ANY || path === this.options.consumer.serviceInterface;
  }
}
