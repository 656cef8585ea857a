/** Who provides a service, with which share, and whether at all. */
import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Put } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { z } from 'zod';
import { RuleBook, type RuleView } from '../tree/rule-book.js';
import { ServiceTree } from '../tree/service-tree.js';
import { address, serviceName } from './names.js';

const share = z.strictObject({ weight: z.number().int().min(0).max(10_000) });

@Controller('services/:service/providers')
export class ProvidersController {
  constructor(
    @Inject(ServiceTree) private readonly tree: ServiceTree,
    @Inject(RuleBook) private readonly book: RuleBook,
  ) {}

  @Get()
  @Operation('who provides a service, and names in its list that are no URLs')
  providers(@Param('service', checked(serviceName)) service: string): Promise<object> {
    return this.tree.providers(service);
  }

  @Put(':address/weight')
  @Operation('the share of one provider: 100 is usual, 0 is none', share)
  weigh(
    @Param('service', checked(serviceName)) service: string,
    @Param('address', checked(address)) provider: string,
    @Body(checked(share)) { weight }: z.infer<typeof share>,
  ): Promise<RuleView> {
    return this.book.override(service, { target: provider, parameters: { weight: String(weight) } });
  }

  @Delete(':address/weight')
  @HttpCode(204)
  @Operation('the share that the provider itself wants')
  unweigh(
    @Param('service', checked(serviceName)) service: string,
    @Param('address', checked(address)) provider: string,
  ): Promise<void> {
    return this.book.takeBack(service, provider, ['weight']);
  }

  @Put(':address/disabled')
  @Operation('takes one provider out; it goes on running')
  disable(
    @Param('service', checked(serviceName)) service: string,
    @Param('address', checked(address)) provider: string,
  ): Promise<RuleView> {
    return this.book.override(service, { target: provider, parameters: { disabled: 'true' } });
  }

  @Delete(':address/disabled')
  @HttpCode(204)
  @Operation('lets it in again')
  enable(
    @Param('service', checked(serviceName)) service: string,
    @Param('address', checked(address)) provider: string,
  ): Promise<void> {
    return this.book.takeBack(service, provider, ['disabled']);
  }
}
