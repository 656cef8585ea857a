/** Dubbo as a transport of Nest's: every `@MessagePattern` becomes a method of a service, found in the registry. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DubboRegistry, type DubboRegistryOptions } from '@menagerie/dubbo-registry';
import { DubboServer, ExportedService, type Handler, UNREGISTER_GRACE_MS } from '@menagerie/dubbo-rpc';
import { BusinessError, DubboError, serviceKey } from '@menagerie/dubbo-url';
import { type CustomTransportStrategy, type MessageHandler, RpcException, Server } from '@nestjs/microservices';
import { lastValueFrom, type Observable } from 'rxjs';
import { type DubboPattern, patternOf } from './pattern.js';

export interface DubboTransportOptions {
  readonly application: string;
  readonly registry: DubboRegistryOptions;
  /** Default 0, any. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** More for the URLs: `weight`, `warmup`, `dubbo.tag`. */
  readonly parameters?: Readonly<Record<string, string>>;
}

interface Offered extends Omit<DubboPattern, 'method'> {
  readonly methods: Record<string, Handler>;
}

const DRAIN_MS = 5_000;

export class DubboTransport extends Server implements CustomTransportStrategy {
  private registry: DubboRegistry | null = null;
  private server: DubboServer | null = null;
  private exported: readonly ExportedService[] = [];

  constructor(private readonly options: DubboTransportOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /** Off the list, then drained, then closed: no call is lost. */
  async close(): Promise<void> {
    const { exported, server, registry } = this;
    await Promise.all(exported.map((service) => service.unregister()));
    if (exported.length > 0) await sleep(UNREGISTER_GRACE_MS);
    await server?.close(DRAIN_MS);
    await registry?.close();
  }

  /** @throws DubboError: there are no events of the transport's own */
  on(event: string): never {
    throw new DubboError(
      'DUBBO_BAD_REQUEST',
      `expected no listener, got one for ${event}: this transport has no events`,
    );
  }

  unwrap<T>(): T {
    return this.server as T;
  }

  private async start(): Promise<void> {
    const { application, host, port = 0, parameters } = this.options;
    const place = host === undefined ? {} : { host };
    const server = new DubboServer({
      port,
      ...place,
      onFault: (error, method) => this.logger.error(`${method} failed: ${String(error)}`),
    });
    const services = [...this.services()];
    await server.listen();
    this.server = server;
    const registry = (this.registry = new DubboRegistry(this.options.registry));
    this.exported = await Promise.all(
      services.map(({ service, methods, ...named }) =>
        ExportedService.open(
          { serviceInterface: service, methods, ...named } as Parameters<typeof ExportedService.open>[0],
          { registry, server, application, ...place, ...(parameters === undefined ? {} : { parameters }) },
        ),
      ),
    );
  }

  private services(): Iterable<Offered> {
    const services = new Map<string, Offered>();
    for (const [pattern, handler] of this.getHandlers()) {
      const { method, ...named } = patternOf(pattern);
      const key = serviceKey(named.service, named.group, named.version);
      const known = services.get(key) ?? { ...named, methods: {} };
      known.methods[method] = answering(handler);
      services.set(key, known);
    }
    return services.values();
  }
}

/** A Nest handler has one argument, and may answer with a stream, of which the last value counts. */
const answering =
  (handler: MessageHandler) =>
  async (...args: unknown[]): Promise<unknown> => {
    try {
      const answer: unknown = await handler(args.length > 1 ? args : args[0]);
      return isStream(answer) ? await lastValueFrom(answer, { defaultValue: null }) : answer;
    } catch (error) {
      throw refusalIn(error);
    }
  };

/** `RpcException` is Nest's word for no. Its exception filters pass on what it holds. */
function refusalIn(error: unknown): unknown {
  const held: unknown = error instanceof RpcException ? error.getError() : error;
  if (held instanceof Error) return held;
  if (typeof held === 'string') return new BusinessError('REFUSED', held);
  if (typeof held !== 'object' || held === null) return error;
  const { code, reason, message } = held as { code?: unknown; reason?: unknown; message?: unknown };
  return new BusinessError(String(reason ?? code ?? 'REFUSED'), String(message ?? 'refused'));
}

const isStream = (value: unknown): value is Observable<unknown> =>
  typeof value === 'object' && value !== null && 'subscribe' in value && typeof value.subscribe === 'function';
