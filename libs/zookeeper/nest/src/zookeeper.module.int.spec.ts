import { Controller, Get, Injectable, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { NestFactory } from '@nestjs/core';
import { PlatformModule } from '@menagerie/service';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { startTestEnsemble, waitFor, type TestEnsemble } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  ConfigValue,
  OncePerCluster,
  OnLeader,
  Register,
  ZOOKEEPER_CLIENT,
  ZooKeeperExplorer,
  ZooKeeperHealthIndicator,
  ZooKeeperModule,
  ZooKeeperRecipes,
  type Leadership,
  type Tick,
} from './index.js';

const WAIT = { timeoutMs: 30_000 };
const SESSION_TIMEOUT_MS = 4_000;

@Injectable()
@Register('orders', { payload: { zone: 'a' } })
class Orders {
  static readonly ticks: string[] = [];
  readonly terms: Leadership[] = [];

  @ConfigValue('limit', { parse: (data) => Number(data.toString()), fallback: 10 })
  limit!: number;

  @OnLeader()
  lead(leadership: Leadership): void {
    this.terms.push(leadership);
  }

  @OncePerCluster('* * * * * *', { name: 'tidy' })
  tidy({ fireTime }: Tick): void {
    Orders.ticks.push(fireTime.toISOString());
  }
}

@Controller('hello')
class Hello {
  @Get()
  hello(): string {
    return 'hello';
  }
}

@Module({})
class AppModule {
  static of(connect: string, instance: string, withPlatform: boolean) {
    const zookeeper = ZooKeeperModule.forRootAsync({
      useFactory: () => ({ application: 'shop', instance, connect, sessionTimeoutMs: SESSION_TIMEOUT_MS }),
    });
    const platform = withPlatform ? [PlatformModule.forRoot({ name: 'shop', instance, config: {} })] : [];
    return { module: AppModule, imports: [...platform, zookeeper], providers: [Orders], controllers: [Hello] };
  }
}

describe('the module in an application', () => {
  let ensemble: TestEnsemble;
  let observer: ZooKeeperClient;
  beforeAll(async () => {
    ensemble = await startTestEnsemble();
    observer = await ZooKeeper.connect({ connect: ensemble.connectString, sessionTimeoutMs: SESSION_TIMEOUT_MS });
  });
  afterAll(async () => {
    await observer?.close();
    await ensemble?.close();
  });

  const start = async (instance: string, withPlatform: boolean): Promise<NestExpressApplication> => {
    const root = AppModule.of(ensemble.connectString, instance, withPlatform);
    const app = await NestFactory.create<NestExpressApplication>(root, { logger: false, abortOnError: false });
    onTestFinished(() => app.close());
    await app.listen(0, '127.0.0.1');
    return app;
  };
  const childrenOf = async (path: string) =>
    (await observer.exists(path)) ? (await observer.getChildren(path)).children : [];

  it.each([true, false])(
    'leads, runs ticks, follows its configuration, is found, and leaves (platform: %s)',
    async (platform) => {
      const apps = [await start('one', platform), await start('two', platform)];
      const [one, two] = apps.map((app) => app.get(Orders)) as [Orders, Orders];
      await waitFor(() => one.terms.length + two.terms.length === 1, { ...WAIT, what: 'one leader' });
      const leader = apps.findIndex((app) => app.get(ZooKeeperExplorer).leads());
      expect([one, two][leader]!.terms).toHaveLength(1);

      const before = Orders.ticks.length;
      await waitFor(() => Orders.ticks.length >= before + 2, { ...WAIT, what: 'two ticks' });
      expect(new Set(Orders.ticks).size).toBe(Orders.ticks.length);

      expect(one.limit).toBe(10);
      await apps[0]!.get(ZooKeeperRecipes).config.publish('limit', '20');
      await waitFor(() => one.limit === 20 && two.limit === 20, { ...WAIT, what: 'the new limit' });
      await apps[0]!.get(ZooKeeperRecipes).config.remove('limit');
      await waitFor(() => one.limit === 10 && two.limit === 10, { ...WAIT, what: 'the fallback' });

      await waitFor(async () => (await childrenOf('/services/orders')).length === 2, {
        ...WAIT,
        what: 'both registered',
      });
      expect(apps[0]!.get(ZooKeeperHealthIndicator).report().state).toBe('up');
      if (platform) {
        const health = await fetch(`${await apps[0]!.getUrl()}/health`);
        expect(JSON.stringify(await health.json())).toContain('"zookeeper":{"session":"connected","sessionIds":["0x');
        expect(await (await fetch(`${await apps[0]!.getUrl()}/metrics`)).text()).toContain(
          'zookeeper_session_connected',
        );
      }

      const { signal } = [one, two][leader]!.terms[0]!;
      const client = apps[leader]!.get<ZooKeeperClient>(ZOOKEEPER_CLIENT);
      await apps[leader]!.close();
      expect([signal.aborted, client.state]).toEqual([true, 'closed']);
      const other = [one, two][1 - leader]!;
      await waitFor(() => other.terms.length === 1, { ...WAIT, what: 'the other leads' });
      expect(await childrenOf('/services/orders')).toEqual([leader === 0 ? 'two' : 'one']);
      await apps[1 - leader]!.close();
      expect(await childrenOf('/services/orders')).toEqual([]);
      expect(await childrenOf('/apps/shop/elections/main')).toEqual([]);
    },
  );

  it('does not start on a configuration that is not there', async () => {
    @Injectable()
    class Needs {
      @ConfigValue('missing')
      value!: string;
    }
    const zookeeper = ZooKeeperModule.forRoot({
      application: 'shop',
      connect: ensemble.connectString,
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
    });
    @Module({ imports: [zookeeper], providers: [Needs] })
    class Broken {}
    const starting = NestFactory.createApplicationContext(Broken, { logger: false, abortOnError: false });
    await expect(starting).rejects.toMatchObject({ code: 'ZOOKEEPER_MODULE_CONFIG_MISSING' });
  });
});
