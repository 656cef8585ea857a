/** Rules: of a service as URLs, of services and applications in the config center. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Put } from '@nestjs/common';
import { DubboError, type RuleKind } from '@menagerie/dubbo-url';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { RuleBook, type RuleView } from '../tree/rule-book.js';
import { ruleId, ruleKind, ruleName, serviceName, target } from './names.js';

const value = z.string().regex(/^[^&=?\s]{0,500}$/, 'expected a value without blanks, "&", "=" and "?"');
const override = z.strictObject({
  target: target.default('*'),
  parameters: z
    .record(z.string().regex(/^[A-Za-z][\w.-]{0,99}$/, 'expected the name of a parameter'), value)
    .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= 50, 'expected 1 to 50 parameters'),
});
const route = z.strictObject({
  rule: z.string().min(1).max(10_000),
  priority: z.number().int().min(-1_000_000).max(1_000_000).default(0),
  force: z.boolean().default(false),
});
const text = z.strictObject({ yaml: z.string().max(65_536) });

@Controller()
export class RulesController {
  constructor(@Inject(RuleBook) private readonly book: RuleBook) {}

  @Get('services/:service/rules')
  @Operation('overrides and routes of a service')
  rules(@Param('service', checked(serviceName)) service: string): Promise<readonly RuleView[]> {
    return this.book.rules(service);
  }

  @Post('services/:service/overrides')
  @Operation('says how one provider, a host or all are to be called: timeout, retries, loadbalance, ...', override)
  override(
    @Param('service', checked(serviceName)) service: string,
    @Body(checked(override)) body: z.infer<typeof override>,
  ): Promise<RuleView> {
    return this.book.override(service, body);
  }

  @Post('services/:service/routes')
  @Operation('a condition: host = 10.0.0.6 => host = 10.0.0.5', route)
  route(
    @Param('service', checked(serviceName)) service: string,
    @Body(checked(route)) body: z.infer<typeof route>,
  ): Promise<RuleView> {
    return this.book.route(service, body);
  }

  @Delete('services/:service/rules/:id')
  @HttpCode(204)
  @Operation('takes a rule back')
  remove(
    @Param('service', checked(serviceName)) service: string,
    @Param('id', checked(ruleId)) id: string,
  ): Promise<void> {
    return this.book.remove(service, id);
  }

  @Get('config/:name/:kind')
  @Operation('a rule of the config center, as it stands')
  async text(
    @Param('name', checked(ruleName)) name: string,
    @Param('kind', checked(ruleKind)) kind: RuleKind,
  ): Promise<{ yaml: string }> {
    const yaml = await this.book.text(name, kind);
    if (yaml === null) throw new DubboError('DUBBO_BAD_REQUEST', `expected a rule, and ${name} has no ${kind}`);
    return { yaml };
  }

  @Put('config/:name/:kind')
  @HttpCode(204)
  @Operation('a rule of the config center: YAML, refused as a whole when it does not parse', text)
  enact(
    @Param('name', checked(ruleName)) name: string,
    @Param('kind', checked(ruleKind)) kind: RuleKind,
    @Body(checked(text)) { yaml }: z.infer<typeof text>,
  ): Promise<void> {
    return this.book.enact(name, kind, yaml);
  }

  @Delete('config/:name/:kind')
  @HttpCode(204)
  @Operation('takes it back')
  erase(
    @Param('name', checked(ruleName)) name: string,
    @Param('kind', checked(ruleKind)) kind: RuleKind,
  ): Promise<void> {
    return this.book.erase(name, kind);
  }
}
