/** Where things stand in the tree. Source: `ZookeeperRegistry.java` (`toServicePath`, `toCategoryPath`, `toUrlPath`). */
import { DubboUrl } from './dubbo-url.js';
import { decode, encode } from './java-encoding.js';

/** The four lists that a service has. */
export const Category = {
  providers: 'providers',
  consumers: 'consumers',
  routers: 'routers',
  configurators: 'configurators',
} as const;
export type Category = (typeof Category)[keyof typeof Category];

export const DEFAULT_ROOT = 'dubbo';

export class DubboPaths {
  /** `/dubbo` */
  readonly root: string;

  /** @param group the root's name, without a slash; Dubbo's `group` parameter of the registry */
  constructor(group: string = DEFAULT_ROOT) {
    this.root = `/${group.replace(/^\/+|\/+$/g, '')}`;
  }

  service(serviceInterface: string): string {
    return `${this.root}/${encode(serviceInterface)}`;
  }

  category(serviceInterface: string, category: Category): string {
    return `${this.service(serviceInterface)}/${category}`;
  }

  /** The node that is the URL. */
  url(url: DubboUrl): string {
    return `${this.category(url.serviceInterface, categoryOf(url))}/${encode(url.toString())}`;
  }

  /** Of an application or, by its `ruleKey`, a service: `/dubbo/config/dubbo/<name>.tag-router`. */
  rule(name: string, kind: RuleKind): string {
    return `${this.root}/config/dubbo/${name}.${kind}`;
  }

  /** Which applications provide an interface: `a,b`, changed by version. */
  mapping(serviceInterface: string): string {
    return `${this.root}/mapping/${serviceInterface}`;
  }

  /** What an application provides at a revision. */
  metadata(application: string, revision: string): string {
    return `${this.root}/metadata/${application}/${revision}`;
  }
}

export const RuleKind = {
  tagRouter: 'tag-router',
  conditionRouter: 'condition-router',
  configurators: 'configurators',
} as const;
export type RuleKind = (typeof RuleKind)[keyof typeof RuleKind];

/** Where instances of applications stand, beside the root: `/services/<app>/<host:port>`. */
export const instancesPath = (application: string): string => `/services/${application}`;

/** A URL says where it belongs; a provider's does not need to. */
export function categoryOf(url: DubboUrl): Category {
  const said = url.get('category');
  return Object.values(Category).find((category) => category === said) ?? Category.providers;
}

export const nameOf = (url: DubboUrl): string => encode(url.toString());

/** @throws DubboError `DUBBO_BAD_URL` */
export const urlOf = (name: string): DubboUrl => DubboUrl.parse(decode(name));

/** "Really nobody", which is not the same as no news. */
export function emptyMarker(consumer: DubboUrl, category: Category): DubboUrl {
  return consumer.replace({ protocol: 'empty' }).with({ category });
}

/** In a marker: who provides the interface in another version or group. */
export const OTHERS = 'menagerie.others';

export const isEmptyMarker = (url: DubboUrl): boolean => url.protocol === 'empty';
