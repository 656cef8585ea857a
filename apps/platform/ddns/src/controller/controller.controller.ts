/** Controller: what a person decides, against what the machines think. For who has the token. */
import { timingSafeEqual } from 'node:crypto';
import { Body, Controller, Headers, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { addressOf, type Overrides, overridesSchema, PatternError } from '@menagerie/platform-core';
import { Operation } from '@menagerie/platform-nest';
import { checked, SERVICE_CONFIG } from '@menagerie/service';
import { z } from 'zod';
import type { DdnsConfig } from '../config.js';
import { Domains } from '../domains/domains.js';
import { OfPart } from '../part.guard.js';
import { canonical, nameSchema } from '../register/register.controller.js';
import { Scanner } from '../scanner/scanner.js';

/** What is named changes; a field that is left out must not get its default. */
const changes = z.strictObject({
  masked: z.array(z.string()).max(200).optional(),
  fixed: z.array(z.string()).max(200).nullable().optional(),
  weights: z.record(z.string(), z.number().int().min(0).max(1_000)).optional(),
  closed: z.boolean().optional(),
});

@OfPart('controller')
@Controller('control')
export class ControllerController {
  constructor(
    @Inject(Domains) private readonly domains: Domains,
    @Inject(Scanner) private readonly scanner: Scanner,
    @Inject(SERVICE_CONFIG) private readonly config: DdnsConfig,
  ) {}

  @Put('domains/:domain')
  @Operation('masks, weights, a fixed list, closing: what is named changes, the rest stays', changes)
  async override(
    @Headers('authorization') authorization: string | undefined,
    @Param('domain', checked(nameSchema)) domain: string,
    @Body(checked(changes)) body: z.infer<typeof changes>,
  ): Promise<Overrides> {
    this.authorize(authorization);
    const named = [...(body.masked ?? []), ...(body.fixed ?? []), ...Object.keys(body.weights ?? {})];
    for (const address of named) addressOf(address);
    return await this.domains.override(canonical(domain), (now) => overridesSchema.parse({ ...now, ...body }));
  }

  @Post('guard/confirm')
  @HttpCode(204)
  @Operation('those who are silent are dead indeed: the guard gives way, once')
  confirm(@Headers('authorization') authorization: string | undefined): void {
    this.authorize(authorization);
    this.scanner.confirm();
  }

  private authorize(authorization = ''): void {
    const { controlToken } = this.config;
    const [given, expected] = [Buffer.from(authorization), Buffer.from(`Bearer ${controlToken}`)];
    if (controlToken !== null && given.length === expected.length && timingSafeEqual(given, expected)) return;
    throw new PatternError('DDNS_NOT_OWNER', 'expected the token of the controller');
  }
}
