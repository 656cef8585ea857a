import { Injectable, Module } from '@nestjs/common';
import { BusinessError } from '@menagerie/dubbo-url';
import { startService } from '@menagerie/service';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DubboLifecycle, DubboModule, DubboReference, DubboService } from './index.js';

const INTERFACE = 'shop.Catalogue';
const config = { http: { host: '127.0.0.1', port: 0 }, logLevel: 'error' as const, stopDeadlineMs: 20_000 };
let ensemble: TestEnsemble;

interface Catalogue {
  price(sku: string): Promise<number>;
}

@Injectable()
@DubboService({ interface: INTERFACE, version: '1.0.0', weight: 50, warmupMs: 1 })
class CatalogueService {
  price(sku: string): number {
    if (sku !== 'tea') throw new BusinessError('UNKNOWN_PRODUCT', `no ${sku}`);
    return 350;
  }
}

@Injectable()
class Shop {
  @DubboReference({ interface: INTERFACE, version: '1.0.0', timeoutMs: 20_000 })
  readonly catalogue!: Catalogue;
}

@Injectable()
@DubboService({ interface: INTERFACE, version: '1.0.0' })
class SecondCatalogue extends CatalogueService {}

beforeAll(async () => {
  ensemble = await startTestEnsemble({ servers: 1 });
});
afterAll(() => ensemble?.close());

function application(name: string, providers: (new () => object)[]) {
  const registry = { connect: ensemble.connectString, sessionTimeoutMs: 5_000, retryMs: 200 };
  @Module({ imports: [DubboModule.forRoot({ application: name, registry })], providers })
  class App {}
  return startService({ name, config, module: App });
}

it('a decorated service is found and called through a decorated property, and leaves before it closes', async () => {
  const provider = await application('catalogue', [CatalogueService]);
  const consumer = await application('shop', [Shop]);
  try {
    const { catalogue } = consumer.app.get(Shop);
    const [reference] = consumer.app.get(DubboLifecycle).references;
    await waitFor(() => reference?.providers.length === 1, { timeoutMs: 30_000, what: 'a provider' });
    expect(reference?.providers[0]?.url.parameters).toMatchObject({ methods: 'price', weight: '50', version: '1.0.0' });
    expect(await catalogue.price('tea')).toBe(350);
    await expect(catalogue.price('gold')).rejects.toMatchObject({ reason: 'UNKNOWN_PRODUCT' });
    const health = (await (await fetch(`${provider.url}/health`)).json()) as object;
    expect(JSON.stringify(health)).toContain('shop.Catalogue:1.0.0');
    expect(await provider.stop()).toEqual([]);
    await waitFor(() => reference?.providers.length === 0, { timeoutMs: 30_000, what: 'nobody on the list' });
  } finally {
    await provider.stop();
    expect(await consumer.stop()).toEqual([]);
  }
});

it('two services under one name are a mistake of whoever starts them, in one line', async () => {
  await expect(application('twice', [CatalogueService, SecondCatalogue])).rejects.toMatchObject({
    code: 'DUBBO_DUPLICATE_SERVICE',
    userMistake: true,
    message: `expected one service as ${INTERFACE}:1.0.0, got a second`,
  });
});
