import { Module } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';

import { ServiceError, StopDeadlineError } from './errors.js';
import { HealthRegistry, type HealthCheck } from './health/health-registry.js';
import { METRICS, SERVICE_CONFIG } from './identity.js';
import { createLogger } from './logging/logger.js';
import { ShutdownOrder } from './shutdown/shutdown-order.js';
import { type RunningService, startService } from './start-service.js';

@Module({})
class EmptyModule {}

let service: RunningService | undefined;

async function start(stopDeadlineMs = 10_000): Promise<RunningService> {
  service = await startService({
    name: 'test/service',
    config: { http: { host: '127.0.0.1', port: 0 }, logLevel: 'info', stopDeadlineMs },
    module: EmptyModule,
    logger: createLogger({ name: 'test/service', level: 'silent' }),
  });
  return service;
}

afterEach(async () => {
  await service?.stop().catch(() => undefined);
  service = undefined;
});

async function healthOf({ url }: RunningService) {
  const response = await fetch(`${url}/health`);
  const body = (await response.json()) as { status: string; details: Record<string, unknown> };
  return { code: response.status, status: body.status, details: body.details };
}

describe('health', () => {
  it.each<[string, HealthCheck, number, string]>([
    ['degraded still serves', () => ({ state: 'degraded', details: { session: 'suspended' } }), 200, 'degraded'],
    ['down is 503', () => ({ state: 'down' }), 503, 'error'],
    ['a check that throws is down', () => Promise.reject(new Error('no session')), 503, 'error'],
  ])('%s', async (_what, check, code, status) => {
    const running = await start();
    running.app.get(HealthRegistry).add('zookeeper', check);
    expect(await healthOf(running)).toMatchObject({ code, status });
  });

  it('a check that never answers is down after its time, and is told to stop', async () => {
    const running = await start();
    let told = false;
    running.app.get(HealthRegistry).add('stuck', (signal) => {
      signal.addEventListener('abort', () => (told = true));
      return new Promise<never>(() => undefined);
    });
    const { code, details } = await healthOf(running);
    expect({ code, stuck: details['stuck'], told }).toEqual({
      code: 503,
      stuck: { status: 'down', message: 'no answer within 2000 ms' },
      told: true,
    });
  });

  it('an indicator can be taken back, and its name is taken only once', async () => {
    const running = await start();
    const registry = running.app.get(HealthRegistry);
    const remove = registry.add('one', () => ({ state: 'down' }));
    expect(() => registry.add('one', () => ({ state: 'up' }))).toThrow(ServiceError);
    remove();
    expect((await healthOf(running)).code).toBe(200);
  });
});

describe('stopping', () => {
  it('runs leave while HTTP answers, then drain and close, the last registered first', async () => {
    const running = await start();
    const order = running.app.get(ShutdownOrder);
    const seen: string[] = [];
    order.add('close', 'session', () => void seen.push('session'));
    order.add('close', 'election', () => void seen.push('election'));
    order.add('drain', 'work', () => void seen.push('work'));
    order.add('leave', 'role', async () => {
      seen.push(`role while ${(await healthOf(running)).status}`);
    });
    await running.stop();
    expect(seen).toEqual(['role while shutting_down', 'work', 'election', 'session']);
    await expect(fetch(`${running.url}/health`)).rejects.toThrow();
  });

  it('a stop that takes too long is an error that names the hook', async () => {
    const running = await start(50);
    running.app.get(ShutdownOrder).add('close', 'ledger', () => new Promise(() => undefined));
    await expect(running.stop()).rejects.toThrow(new StopDeadlineError(50, 'close of ledger'));
  });
});

describe('injection', () => {
  it('gives the config and a metrics registry of its own', async () => {
    const { app } = await start();
    expect(app.get<object>(SERVICE_CONFIG)).toMatchObject({ stopDeadlineMs: 10_000 });
    expect(app.get<object>(METRICS)).toBeDefined();
  });
});
