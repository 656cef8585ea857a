/** What the registry holds, as people want to see it. Read when asked; names that are no URLs are shown as such. */
import { Inject, Injectable } from '@nestjs/common';
import { configure, inOrder, isDisabled, weightOf } from '@menagerie/dubbo-cluster';
import { Category, decode, DubboError, DubboPaths, type DubboUrl, isDubboError, urlOf } from '@menagerie/dubbo-url';
import { isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';

export interface ServiceSummary {
  readonly service: string;
  readonly providers: number;
  readonly consumers: number;
  readonly rules: number;
}

export interface ProviderView {
  readonly address: string;
  readonly application: string;
  readonly version: string;
  readonly group: string;
  readonly tag: string;
  /** After overrides, when it is warm. */
  readonly weight: number;
  /** Now, on its way there. */
  readonly weightNow: number;
  readonly disabled: boolean;
  /** ISO 8601, by its own clock. */
  readonly since: string;
  readonly url: string;
}

export interface ConsumerView {
  readonly host: string;
  readonly application: string;
  readonly version: string;
  readonly group: string;
  readonly pid: string;
  readonly since: string;
}

/** Of one category, as it stands. */
export interface Listed {
  readonly urls: readonly DubboUrl[];
  /** Names that are no URLs. */
  readonly malformed: readonly string[];
}

/** Beside services below the root. */
const RESERVED = new Set(['config', 'metadata', 'mapping']);
const MAX_SERVICES = 1_000;
const MAX_NAMES = 10_000;
/** Whose provider's share depends on overrides by host sees those for all. */
const EVERYBODY = { host: '0.0.0.0', side: 'consumer' };

@Injectable()
export class ServiceTree {
  readonly paths = new DubboPaths();

  constructor(@Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient) {}

  async services(): Promise<readonly ServiceSummary[]> {
    const names = (await this.children(this.paths.root)).filter((name) => !RESERVED.has(name)).sort();
    return await Promise.all(
      names.slice(0, MAX_SERVICES).map(async (name) => {
        const service = decode(name);
        const count = async (category: Category): Promise<number> =>
          (await this.children(this.paths.category(service, category))).length;
        const [providers, consumers, overrides, routes] = await Promise.all([
          count(Category.providers),
          count(Category.consumers),
          count(Category.configurators),
          count(Category.routers),
        ]);
        return { service, providers, consumers, rules: overrides + routes };
      }),
    );
  }

  /** @throws DubboError `DUBBO_NO_PROVIDER` for an interface that nobody has ever provided or asked for */
  async providers(service: string): Promise<{ providers: readonly ProviderView[]; malformed: readonly string[] }> {
    await this.assertKnown(service);
    const [{ urls, malformed }, overrides] = await Promise.all([
      this.list(service, Category.providers),
      this.list(service, Category.configurators),
    ]);
    const ordered = inOrder(overrides.urls);
    return { providers: urls.map((url) => viewOf(url, ordered)).sort(byAddress), malformed };
  }

  async consumers(service: string): Promise<readonly ConsumerView[]> {
    await this.assertKnown(service);
    const { urls } = await this.list(service, Category.consumers);
    return urls.map((url) => ({
      host: url.host,
      application: url.get('application') ?? '',
      version: url.get('version') ?? '',
      group: url.get('group') ?? '',
      pid: url.get('pid') ?? '',
      since: sinceOf(url),
    }));
  }

  async list(service: string, category: Category): Promise<Listed> {
    const names = await this.children(this.paths.category(service, category));
    const urls: DubboUrl[] = [];
    const malformed: string[] = [];
    for (const name of names.slice(0, MAX_NAMES)) {
      try {
        urls.push(urlOf(name));
      } catch (error) {
        if (!isDubboError(error)) throw error;
        malformed.push(name);
      }
    }
    return { urls, malformed };
  }

  /** @throws DubboError `DUBBO_NO_PROVIDER` */
  async assertKnown(service: string): Promise<void> {
    if ((await this.client.exists(this.paths.service(service))) !== null) return;
    const known = (await this.children(this.paths.root)).filter((name) => !RESERVED.has(name)).slice(0, 10);
    const among = known.length === 0 ? 'there are none' : known.map((name) => decode(name)).join(', ');
    throw new DubboError(
      'DUBBO_NO_PROVIDER',
      `expected a service that is in the registry (${among}), got "${service}"`,
    );
  }

  private async children(path: string): Promise<readonly string[]> {
    try {
      return (await this.client.getChildren(path)).children;
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }
}

function viewOf(url: DubboUrl, overrides: readonly DubboUrl[]): ProviderView {
  const configured = configure(url, overrides, EVERYBODY);
  return {
    address: url.address,
    application: url.get('application') ?? '',
    version: url.get('version') ?? '',
    group: url.get('group') ?? '',
    tag: url.get('dubbo.tag') ?? '',
    weight: weightOf(configured.with({ timestamp: undefined }), '', Date.now()),
    weightNow: weightOf(configured, '', Date.now()),
    disabled: isDisabled(configured),
    since: sinceOf(url),
    url: url.toString(),
  };
}

function sinceOf(url: DubboUrl): string {
  const atMs = url.number('timestamp', 0);
  return atMs > 0 && atMs < 8.64e15 ? new Date(atMs).toISOString() : '';
}

const byAddress = (a: ProviderView, b: ProviderView): number =>
  a.address.localeCompare(b.address, 'en', { numeric: true }) || a.version.localeCompare(b.version);
