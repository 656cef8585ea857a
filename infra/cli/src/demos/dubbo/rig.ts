/** What the demos of Dubbo share: an ensemble, providers as processes, and consumers whose every call is remembered. */
import { DubboRegistry } from '@menagerie/dubbo-registry';
import { Connections, Reference, type ReferenceOptions } from '@menagerie/dubbo-rpc';
import { Category, DubboPaths } from '@menagerie/dubbo-url';
import { TestPatterns, type TestService } from '@menagerie/platform-testing';
import type { DemoStage } from '../demo.js';
import { until } from '../until.js';
import { CallLoad } from './call-load.js';

const SERVICE = { serviceInterface: 'shop.Catalogue', version: '1.0.0' } as const;
const WAIT_MS = 60_000;

export interface RigOptions {
  /** Of the ensemble; default 1. */
  readonly servers?: number;
  /** Of providers and consumers: how long a dead one stays listed. */
  readonly sessionTimeoutMs: number;
}

export interface Provider {
  readonly id: string;
  /** `host:port` of its service. */
  readonly address: string;
  readonly service: TestService;
}

export interface Caller {
  readonly name: string;
  readonly reference: Reference;
  readonly load: CallLoad;
}

export class DubboRig implements AsyncDisposable {
  private readonly registry: DubboRegistry;
  private readonly connections = new Connections();
  private readonly callers: Caller[] = [];

  private constructor(
    readonly stage: DemoStage,
    readonly patterns: TestPatterns,
    readonly sessionTimeoutMs: number,
  ) {
    this.registry = new DubboRegistry({ connect: patterns.ensemble.connectString, sessionTimeoutMs });
  }

  static async open(stage: DemoStage, { servers = 1, sessionTimeoutMs }: RigOptions): Promise<DubboRig> {
    const patterns = await TestPatterns.start({ engine: 'menagerie', servers, sessionTimeoutMs });
    return new DubboRig(stage, patterns, sessionTimeoutMs);
  }

  /** Started and listening; listed soon after. @param environment more of it: weight, warm-up, another ensemble */
  async provider(id: string, environment: Readonly<Record<string, string>> = {}): Promise<Provider> {
    const port = await this.patterns.port();
    const own = { DUBBO_PORT: String(port), PROVIDER_WARMUP_MS: '1', ...environment };
    const service = await this.patterns.service('dubbo/provider', id, own);
    return { id, address: `127.0.0.1:${port}`, service };
  }

  providers(count: number): Promise<Provider[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => this.provider(`provider${index + 1}`)));
  }

  /** A consumer in this process, which asks all the time who answers. */
  async caller(name: string, options: Partial<ReferenceOptions>, callers: number): Promise<Caller> {
    const load = new CallLoad();
    const { registry, connections } = this;
    const reference = await Reference.open({
      ...SERVICE,
      registry,
      connections,
      application: 'demo',
      onProblem: () => undefined,
      ...options,
    });
    load.begin((tag) => reference.call('whoami', [], tag === undefined ? {} : { tag }), callers);
    const caller = { name, reference, load };
    this.callers.push(caller);
    return caller;
  }

  /** Waits until everybody who calls knows so many providers. @returns when that was, by `performance.now` */
  async known(count: number): Promise<number> {
    await this.until(`${count} providers on everybody's list`, async () =>
      this.callers.every(({ reference }) => reference.providers.length === count) ? true : undefined,
    );
    return performance.now();
  }

  /** Addresses in the tree. */
  async listed(): Promise<readonly string[]> {
    const path = new DubboPaths().category(SERVICE.serviceInterface, Category.providers);
    const { children } = await this.patterns.zk.getChildren(path);
    return children.map((name) => /%2F%2F(.*?)%2F/.exec(name)?.[1]?.replace('%3A', ':') ?? name).sort();
  }

  async until<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    return await until(what, { timeoutMs: WAIT_MS, signal: this.stage.signal, everyMs: 20 }, look);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.callers.map(({ load }) => load.stop()));
    await Promise.all(this.callers.map(({ reference }) => reference.close()));
    this.connections.close();
    await this.registry.close();
    await this.patterns.close();
  }
}
