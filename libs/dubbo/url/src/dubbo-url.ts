/**
 * A URL as Dubbo passes everything around: `protocol://user:password@host:port/path?key=value&...`.
 * Source: `dubbo-common/.../URL.java` (`valueOf`, `buildString`).
 */
import { DubboError } from './errors.js';

/** Longest text that is looked at: a node's name is below ZooKeeper's limit of 1 MiB, a sane URL far below this. */
const MAX_CHARS = 65_536;

export type Parameters = Readonly<Record<string, string>>;

interface Parts {
  readonly protocol: string;
  readonly username?: string;
  readonly password?: string;
  readonly host: string;
  /** 0: none. */
  readonly port: number;
  /** Without the slash before it. */
  readonly path: string;
  readonly parameters: Parameters;
}

export class DubboUrl {
  readonly protocol: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly parameters: Parameters;
  private text: string | undefined;

  constructor(parts: Parts) {
    this.protocol = parts.protocol;
    this.username = parts.username;
    this.password = parts.password;
    this.host = parts.host;
    this.port = parts.port;
    this.path = parts.path;
    this.parameters = parts.parameters;
  }

  /** @throws DubboError `DUBBO_BAD_URL` */
  static parse(text: string): DubboUrl {
    const fail = (expected: string): never => {
      throw new DubboError('DUBBO_BAD_URL', `expected ${expected}, got "${text.slice(0, 200)}"`);
    };
    if (text.length > MAX_CHARS) return fail(`at most ${MAX_CHARS} characters`);
    const shape =
      /^(?<protocol>[a-z][a-z0-9+.-]*):\/\/(?:(?<user>[^@/?]*)@)?(?<host>\[[^\]/?]+\]|[^:/?@]*)(?::(?<port>\d{1,5}))?(?:\/(?<path>[^?]*))?(?:\?(?<query>.*))?$/is;
    const groups = shape.exec(text.trim())?.groups;
    const { protocol, user, host, port = '0', path = '', query = '' } = groups ?? {};
    if (protocol === undefined || host === undefined) return fail('protocol://host:port/path?key=value');
    if (host === '') return fail('a host');
    if (Number(port) > 65_535) return fail('a port up to 65535');
    const [username, password] = user?.split(/:(.*)/s) ?? [];
    return new DubboUrl({
      protocol,
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
      host,
      port: Number(port),
      path,
      parameters: parseQuery(query),
    });
  }

  get address(): string {
    return this.port === 0 ? this.host : `${this.host}:${this.port}`;
  }

  get(key: string): string | undefined {
    return this.parameters[key];
  }

  /** `<method>.<key>` before `<key>`: what is said of one method counts more. */
  forMethod(method: string, key: string): string | undefined {
    return this.parameters[`${method}.${key}`] ?? this.parameters[key];
  }

  /** The whole number a parameter holds; the fallback when it is not there or is none. */
  number(key: string, fallback: number): number {
    const text = this.parameters[key];
    return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : fallback;
  }

  get serviceInterface(): string {
    return this.parameters['interface'] ?? this.path;
  }

  /** `group/interface:version`, with what there is of it. */
  get serviceKey(): string {
    return serviceKey(this.serviceInterface, this.parameters['group'], this.parameters['version']);
  }

  /** `interface:version:group`, empty where there is none: how rules in the config center name a service. */
  get ruleKey(): string {
    return `${this.serviceInterface}:${this.parameters['version'] ?? ''}:${this.parameters['group'] ?? ''}`;
  }

  /** Undefined takes a parameter away. */
  with(parameters: Readonly<Record<string, string | undefined>>): DubboUrl {
    const merged = Object.entries({ ...this.parameters, ...parameters });
    const kept = merged.filter((entry): entry is [string, string] => entry[1] !== undefined);
    return this.replace({ parameters: Object.fromEntries(kept) });
  }

  replace(parts: Partial<Parts>): DubboUrl {
    const { protocol, username, password, host, port, path, parameters } = this;
    const named = { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
    return new DubboUrl({ protocol, ...named, host, port, path, parameters, ...parts });
  }

  /** Parameters by name, as Dubbo sorts them: the same URL is always the same node. Values stand as they are. */
  toString(): string {
    this.text ??= this.write();
    return this.text;
  }

  private write(): string {
    const user = this.username === undefined ? '' : `${this.username}${this.password ? `:${this.password}` : ''}@`;
    const query = Object.keys(this.parameters)
      .sort()
      .map((key) => `${key}=${(this.parameters[key] ?? '').trim()}`)
      .join('&');
    return `${this.protocol}://${user}${this.address}${this.path === '' ? '' : `/${this.path}`}${query === '' ? '' : `?${query}`}`;
  }
}

export const serviceKey = (name: string, group?: string, version?: string): string =>
  `${group ? `${group}/` : ''}${name}${version ? `:${version}` : ''}`;

function parseQuery(query: string): Parameters {
  const parameters: [string, string][] = [];
  for (const part of query.split('&')) {
    const key = part.trim().split('=', 1)[0] ?? '';
    // As Dubbo: a name without a value has its own name as its value.
    if (key !== '') parameters.push([key, part.includes('=') ? part.trim().slice(key.length + 1) : key]);
  }
  return Object.fromEntries(parameters);
}
