/**
 * An operator's word, written as Dubbo's own tools write it: overrides and condition routes as persistent URLs of a
 * service, rules of the config center as YAML. What does not parse is refused to whoever wrote it, and never written.
 */
import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { conditionRules, configuratorRules, parseCondition, tagRule } from '@menagerie/dubbo-cluster';
import { Category, DubboError, DubboUrl, nameOf, RuleKind } from '@menagerie/dubbo-url';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { ServiceTree } from './service-tree.js';

export interface RuleView {
  /** Names it for `remove`. */
  readonly id: string;
  readonly kind: 'override' | 'route' | 'malformed';
  /** `*` for everybody. */
  readonly for: string;
  readonly says: string;
}

export interface Override {
  /** `host:port` of one provider; a host; `*` for all. */
  readonly target: string;
  readonly parameters: Readonly<Record<string, string>>;
}

export interface RouteOrder {
  readonly rule: string;
  readonly priority: number;
  readonly force: boolean;
}

const MAX_RULES = 1_000;
const parsers: Readonly<Record<RuleKind, (yaml: string) => unknown>> = {
  [RuleKind.conditionRouter]: conditionRules,
  [RuleKind.tagRouter]: tagRule,
  [RuleKind.configurators]: configuratorRules,
};

@Injectable()
export class RuleBook {
  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(ServiceTree) private readonly tree: ServiceTree,
  ) {}

  async rules(service: string): Promise<readonly RuleView[]> {
    await this.tree.assertKnown(service);
    return (await this.entries(service)).map(({ view }) => view);
  }

  /** Says something about providers or consumers; what was said before of the same parameters is replaced. */
  async override(service: string, { target, parameters }: Override): Promise<RuleView> {
    await this.tree.assertKnown(service);
    const url = overrideUrl(service, target).with(parameters);
    for (const { url: old, path } of await this.entries(service)) {
      if (old?.protocol !== 'override' || old.address !== url.address) continue;
      const left = settingsOf(old).filter(([key]) => !(key in parameters));
      if (left.length === settingsOf(old).length) continue;
      // What it said of other things stays said.
      if (left.length > 0) await this.write(service, overrideUrl(service, target).with(Object.fromEntries(left)));
      await this.delete(path);
    }
    return await this.write(service, url);
  }

  /** Takes back what overrides say of these parameters. */
  async takeBack(service: string, target: string, keys: readonly string[]): Promise<void> {
    const { address } = overrideUrl(service, target);
    for (const { url, path } of await this.entries(service)) {
      if (url?.protocol !== 'override' || url.address !== address) continue;
      const settings = settingsOf(url);
      const left = settings.filter(([key]) => !keys.includes(key));
      if (left.length === settings.length) continue;
      if (left.length > 0) await this.write(service, overrideUrl(service, target).with(Object.fromEntries(left)));
      await this.delete(path);
    }
  }

  /** @throws DubboError `DUBBO_BAD_RULE` */
  async route(service: string, { rule, priority, force }: RouteOrder): Promise<RuleView> {
    await this.tree.assertKnown(service);
    parseCondition(rule);
    const url = DubboUrl.parse(`condition://0.0.0.0/${service}`).with({
      category: Category.routers,
      dynamic: 'false',
      enabled: 'true',
      force: String(force),
      priority: String(priority),
      rule: encodeURIComponent(rule),
    });
    return await this.write(service, url);
  }

  /** @throws DubboError `DUBBO_BAD_REQUEST` for a rule that is not there */
  async remove(service: string, id: string): Promise<void> {
    const entries = await this.entries(service);
    const found = entries.find(({ view }) => view.id === id);
    if (found === undefined) {
      const known = entries.map(({ view }) => view.id).slice(0, 20);
      const among = known.length === 0 ? 'there are none' : known.join(', ');
      throw new DubboError('DUBBO_BAD_REQUEST', `expected a rule of ${service} (${among}), got "${id}"`);
    }
    await this.delete(found.path);
  }

  /** A rule of the config center, or null. @param name of an application or, `interface:version:group`, a service */
  async text(name: string, kind: RuleKind): Promise<string | null> {
    try {
      return (await this.client.getData(this.tree.paths.rule(name, kind))).data.toString();
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }

  /** @throws DubboError `DUBBO_BAD_RULE` */
  async enact(name: string, kind: RuleKind, yaml: string): Promise<void> {
    parsers[kind](yaml);
    const path = this.tree.paths.rule(name, kind);
    await this.client.mkdirp(path);
    await this.client.setData(path, yaml);
  }

  async erase(name: string, kind: RuleKind): Promise<void> {
    await this.delete(this.tree.paths.rule(name, kind));
  }

  private async write(service: string, url: DubboUrl): Promise<RuleView> {
    if ((await this.entries(service)).length >= MAX_RULES) {
      throw new DubboError('DUBBO_BAD_REQUEST', `expected at most ${MAX_RULES} rules of ${service}, got one more`);
    }
    const path = this.tree.paths.url(url);
    await this.client.mkdirp(path.slice(0, path.lastIndexOf('/')));
    await this.client.create(path).catch((error: unknown) => {
      if (!isNodeExists(error)) throw error;
    });
    return viewOf(url);
  }

  private async delete(path: string): Promise<void> {
    await this.client.delete(path).catch((error: unknown) => {
      if (!isNoNode(error)) throw error;
    });
  }

  private async entries(service: string): Promise<readonly { view: RuleView; url: DubboUrl | null; path: string }[]> {
    const { paths } = this.tree;
    const lists = [Category.configurators, Category.routers].map(async (category) => {
      const { urls, malformed } = await this.tree.list(service, category);
      const at = (name: string): string => `${paths.category(service, category)}/${name}`;
      return [
        ...urls.map((url) => ({ view: viewOf(url), url, path: at(nameOf(url)) })),
        ...malformed.map((name) => ({
          view: { id: idOf(name), kind: 'malformed' as const, for: '', says: name.slice(0, 200) },
          url: null,
          path: at(name),
        })),
      ];
    });
    return (await Promise.all(lists)).flat();
  }
}

/** Not what an override sets, but whom and how. */
const ABOUT = new Set(['category', 'dynamic', 'enabled', 'priority', 'application', 'side', 'group', 'version']);
const settingsOf = (url: DubboUrl): [string, string][] =>
  Object.entries(url.parameters).filter(([key]) => !ABOUT.has(key));

function overrideUrl(service: string, target: string): DubboUrl {
  const host = target === '*' ? '0.0.0.0' : target;
  const url = DubboUrl.parse(`override://${host}/${service}`);
  return url.with({ category: Category.configurators, dynamic: 'false', enabled: 'true' });
}

function viewOf(url: DubboUrl): RuleView {
  const id = idOf(nameOf(url));
  if (url.protocol === 'condition') {
    const rule = decodeURIComponent((url.get('rule') ?? '').replace(/\+/g, '%20'));
    const more = [`priority ${url.get('priority') ?? 0}`, ...(url.get('force') === 'true' ? ['force'] : [])].join(', ');
    return { id, kind: 'route', for: '*', says: `${rule} (${more})` };
  }
  const says = settingsOf(url).map(([key, value]) => `${key}=${value}`);
  return { id, kind: 'override', for: url.host === '0.0.0.0' ? '*' : url.address, says: says.join(' ') };
}

const idOf = (name: string): string => createHash('sha256').update(name).digest('hex').slice(0, 10);
