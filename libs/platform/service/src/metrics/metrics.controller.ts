/** `GET /metrics` in Prometheus's text format. */
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { Response } from 'express';
import { collectDefaultMetrics, Registry } from 'prom-client';

import { METRICS, type ServiceIdentity } from '../identity.js';

/** One registry an application, not prom-client's global one, so that several can live in one test. */
export function createMetrics(identity: ServiceIdentity): Registry {
  const registry = new Registry();
  const { name, instance } = identity;
  registry.setDefaultLabels({ service: name, ...(instance === undefined ? {} : { instance }) });
  collectDefaultMetrics({ register: registry });
  return registry;
}

@Controller('metrics')
export class MetricsController {
  constructor(@Inject(METRICS) private readonly registry: Registry) {}

  @Get()
  async answer(@Res({ passthrough: true }) response: Pick<Response, 'setHeader'>): Promise<string> {
    response.setHeader('content-type', this.registry.contentType);
    return await this.registry.metrics();
  }
}
