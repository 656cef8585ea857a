/** Nest's `ClientProxy` over Dubbo: `client.send({ service, method }, argument)`, discovered, balanced, tried again. */
import { DubboRegistry, type DubboRegistryOptions } from '@menagerie/dubbo-registry';
import { Connections, Reference, type ReferenceOptions } from '@menagerie/dubbo-rpc';
import { DubboError, serviceKey } from '@menagerie/dubbo-url';
import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { type DubboPattern, patternOf } from './pattern.js';

export interface DubboClientOptions extends Pick<
  ReferenceOptions,
  'application' | 'cluster' | 'loadbalance' | 'timeoutMs' | 'retries' | 'emptyProtection'
> {
  readonly registry: DubboRegistryOptions;
}

const MAX_SERVICES = 1_000;

export class DubboClient extends ClientProxy {
  private readonly registry: DubboRegistry;
  private readonly connections = new Connections();
  private readonly references = new Map<string, Promise<Reference>>();

  constructor(private readonly options: DubboClientOptions) {
    super();
    this.registry = new DubboRegistry(options.registry);
  }

  /** Services are found when they are first called. */
  async connect(): Promise<void> {}

  async close(): Promise<void> {
    const opened = await Promise.allSettled(this.references.values());
    await Promise.all(opened.map((one) => (one.status === 'fulfilled' ? one.value.close() : undefined)));
    this.connections.close();
    await this.registry.close();
  }

  unwrap<T>(): T {
    return this.registry as T;
  }

  protected publish({ pattern, data }: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    const given = new AbortController();
    this.call(pattern, data, given.signal).then(
      (response) => callback({ response, isDisposed: true }),
      (err: unknown) => callback({ err, isDisposed: true }),
    );
    return () => given.abort();
  }

  /** An event is a call whose answer nobody waits for; that it arrived is waited for. */
  protected async dispatchEvent<T>({ pattern, data }: ReadPacket): Promise<T> {
    return (await this.call(pattern, data)) as T;
  }

  private async call(pattern: unknown, data: unknown, signal?: AbortSignal): Promise<unknown> {
    const { method, ...service } = patternOf(pattern);
    const reference = await this.reference(service);
    return await reference.call(method, data === undefined ? [] : [data], signal === undefined ? {} : { signal });
  }

  private reference({ service, version, group }: Omit<DubboPattern, 'method'>): Promise<Reference> {
    const key = serviceKey(service, group, version);
    const known = this.references.get(key);
    if (known !== undefined) return known;
    if (this.references.size >= MAX_SERVICES) {
      throw new DubboError('DUBBO_BAD_REQUEST', `expected at most ${MAX_SERVICES} services, got ${key} as well`);
    }
    const { registry, connections } = this;
    const named = { ...(version === undefined ? {} : { version }), ...(group === undefined ? {} : { group }) };
    const opening = Reference.open({ ...this.options, registry, connections, serviceInterface: service, ...named });
    this.references.set(key, opening);
    opening.catch(() => this.references.delete(key));
    return opening;
  }
}
