/** `GET /health`: 200 when every indicator is up or degraded, else 503; the body is Terminus's in both cases. */
import { Controller, Get, Inject } from '@nestjs/common';
import { HealthCheckService, HealthIndicatorService, type HealthCheckResult } from '@nestjs/terminus';

import { SERVICE_IDENTITY, type ServiceIdentity } from '../identity.js';
import { HealthRegistry, HealthState, type HealthCheck } from './health-registry.js';

const CHECK_TIMEOUT_MS = 2_000;

@Controller('health')
export class HealthController {
  readonly #startedAt = new Date().toISOString();

  constructor(
    @Inject(HealthRegistry) private readonly registry: HealthRegistry,
    @Inject(HealthCheckService) private readonly health: HealthCheckService,
    @Inject(HealthIndicatorService) private readonly indicators: HealthIndicatorService,
    @Inject(SERVICE_IDENTITY) private readonly identity: ServiceIdentity,
  ) {}

  @Get()
  async answer(): Promise<HealthCheckResult> {
    const process = () => this.indicators.check('process').up(this.#process());
    const checks = this.registry.entries().map(
      ([name, check]) =>
        () =>
          this.#ask(name, check),
    );
    return await this.health.check([process, ...checks]);
  }

  /** Says who answers, so that a probe can tell this process from another that sits on the same port. */
  #process() {
    const { name, instance } = this.identity;
    return { service: name, ...(instance === undefined ? {} : { instance }), pid: process.pid, since: this.#startedAt };
  }

  async #ask(name: string, check: HealthCheck) {
    const session = this.indicators.check(name);
    const timeout = AbortSignal.timeout(CHECK_TIMEOUT_MS);
    try {
      const report = await Promise.race([check(timeout), rejectOn(timeout, CHECK_TIMEOUT_MS)]);
      const details = { ...report.details };
      switch (report.state) {
        case HealthState.up:
          return session.up(details);
        case HealthState.degraded:
          return session.degraded(details);
        case HealthState.down:
          return session.down(details);
        default: {
          const never: never = report.state;
          throw new Error(`unknown health state ${String(never)}`);
        }
      }
    } catch (error) {
      return session.down(error instanceof Error ? error.message : String(error));
    }
  }
}

function rejectOn(signal: AbortSignal, afterMs: number): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${afterMs} ms`)), { once: true });
  });
}
