/** A service as its provider offers it: listening first, then listed; taken off the list first, then closed. */
import type { DubboRegistry } from '@menagerie/dubbo-registry';
import { DubboUrl } from '@menagerie/dubbo-url';
import type { DubboServer, ServedService } from './server.js';

export interface ExportOptions {
  readonly registry: DubboRegistry;
  /** Listens already. */
  readonly server: DubboServer;
  readonly application: string;
  /** Under which consumers reach it; default 127.0.0.1. */
  readonly host?: string;
  /** More for the URL: `weight`, `warmup`, `dubbo.tag`, ... */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Consumers hear of it within so long; until then calls may still come. */
export const UNREGISTER_GRACE_MS = 500;

export class ExportedService {
  private constructor(
    private readonly registry: DubboRegistry,
    private current: DubboUrl,
  ) {}

  /** Resolves when it is on the list, or will be as soon as that is possible. */
  static async open(service: ServedService, options: ExportOptions): Promise<ExportedService> {
    const { registry, server, application, host = '127.0.0.1', parameters = {} } = options;
    const { serviceInterface, version, group, methods } = service;
    server.add(service);
    const url = DubboUrl.parse(`tri://${host}:${server.port}/${serviceInterface}`).with({
      anyhost: 'true',
      application,
      dubbo: '2.0.2',
      interface: serviceInterface,
      methods: Object.keys(methods).sort().join(','),
      pid: String(process.pid),
      side: 'provider',
      timestamp: String(Date.now()),
      version,
      group,
      ...parameters,
    });
    await registry.register(url);
    return new ExportedService(registry, url);
  }

  get url(): DubboUrl {
    return this.current;
  }

  /** Lists it with other parameters. */
  async change(parameters: Readonly<Record<string, string | undefined>>): Promise<void> {
    const before = this.current;
    this.current = before.with(parameters);
    await this.registry.replace(before, this.current);
  }

  async unregister(): Promise<void> {
    await this.registry.unregister(this.current);
  }
}
