/** The services that the front calls: the catalogue, and whatever somebody asks for by name. */
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { DubboLifecycle } from '@menagerie/dubbo-nest';
import type { CallOptions, Reference } from '@menagerie/dubbo-rpc';
import { DubboError, serviceKey } from '@menagerie/dubbo-url';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { ConsumerConfig } from '../config.js';

const CATALOGUE = { interface: 'shop.Catalogue', version: '1.0.0' } as const;

export interface ServiceName {
  readonly interface: string;
  readonly version?: string | undefined;
  readonly group?: string | undefined;
}

/** Services asked for by name; each costs a subscription, and names come from strangers. */
const MAX_GENERIC = 100;

@Injectable()
export class Front implements OnModuleInit {
  private readonly references = new Map<string, Promise<Reference>>();

  constructor(
    @Inject(DubboLifecycle) private readonly dubbo: DubboLifecycle,
    @Inject(SERVICE_CONFIG) private readonly config: ConsumerConfig,
  ) {}

  /** Known before the first request comes. */
  async onModuleInit(): Promise<void> {
    await this.reference(CATALOGUE);
  }

  catalogue(method: string, args: readonly unknown[], options: CallOptions = {}): Promise<unknown> {
    return this.call(CATALOGUE, method, args, options);
  }

  /** Of any service, without knowing its interface. @throws DubboError */
  async call(
    service: ServiceName,
    method: string,
    args: readonly unknown[],
    options: CallOptions = {},
  ): Promise<unknown> {
    return await (await this.reference(service)).call(method, args, options);
  }

  private reference({ interface: name, version, group }: ServiceName): Promise<Reference> {
    const key = serviceKey(name, group, version);
    const known = this.references.get(key);
    if (known !== undefined) return known;
    if (this.references.size >= MAX_GENERIC) {
      throw new DubboError('DUBBO_BAD_REQUEST', `expected at most ${MAX_GENERIC} services, got ${key} as well`);
    }
    const { cluster, loadbalance, timeoutMs, retries, emptyProtection } = this.config;
    const wanted = { interface: name, ...(version ? { version } : {}), ...(group ? { group } : {}) };
    const opening = this.dubbo.refer({ ...wanted, cluster, loadbalance, timeoutMs, retries, emptyProtection });
    this.references.set(key, opening);
    opening.catch(() => this.references.delete(key));
    return opening;
  }
}
