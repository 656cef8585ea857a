import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventPattern, MessagePattern, RpcException } from '@nestjs/microservices';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { firstValueFrom, of } from 'rxjs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DubboClient, DubboTransport } from './index.js';

const PRICE = { service: 'shop.Prices', method: 'price', version: '1.0.0' };
let ensemble: TestEnsemble;
const heard: string[] = [];

@Controller()
class Prices {
  @MessagePattern(PRICE)
  price(sku: string): unknown {
    if (sku !== 'tea') throw new RpcException({ code: 'UNKNOWN_PRODUCT', message: `no ${sku}` });
    return of(1, 350);
  }

  @EventPattern({ ...PRICE, method: 'seen' })
  seen(sku: string): void {
    heard.push(sku);
  }
}

@Module({ controllers: [Prices] })
class App {}

@Controller()
class Wrong {
  @MessagePattern('prices')
  price(): number {
    return 1;
  }
}

@Module({ controllers: [Wrong] })
class WrongApp {}

beforeAll(async () => {
  ensemble = await startTestEnsemble({ servers: 1 });
});
afterAll(() => ensemble?.close());

const registry = () => ({ connect: ensemble.connectString, sessionTimeoutMs: 5_000, retryMs: 200 });
const service = (module: new () => object) =>
  NestFactory.createMicroservice(module, {
    strategy: new DubboTransport({ application: 'prices', registry: registry(), parameters: { warmup: '1' } }),
    logger: false,
    abortOnError: false,
  });

it('message patterns are methods of a service, and a client finds and calls them', async () => {
  const app = await service(App);
  await app.listen();
  const client = new DubboClient({ application: 'shop', registry: registry(), timeoutMs: 20_000 });
  try {
    const price = (sku: string) => firstValueFrom(client.send<number>(PRICE, sku));
    await waitFor(async () => (await price('tea')) === 350, { timeoutMs: 30_000, what: 'the price' });
    await expect(price('gold')).rejects.toMatchObject({ reason: 'UNKNOWN_PRODUCT', message: 'no gold' });
    await firstValueFrom(client.emit({ ...PRICE, method: 'seen' }, 'tea'), { defaultValue: null });
    expect(heard).toEqual(['tea']);
    await expect(firstValueFrom(client.send('prices', 1))).rejects.toMatchObject({ code: 'DUBBO_BAD_REQUEST' });
  } finally {
    await client.close();
    await app.close();
  }
});

it('a pattern that names no method of a service is refused at the start', async () => {
  const app = await service(WrongApp);
  await expect(app.listen()).rejects.toMatchObject({ code: 'DUBBO_BAD_REQUEST' });
  await app.close();
});
