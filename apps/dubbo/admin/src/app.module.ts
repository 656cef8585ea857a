/** The admin's parts. */
import { Module } from '@nestjs/common';
import type { DubboErrorCode } from '@menagerie/dubbo-url';
import { PatternModule } from '@menagerie/platform-nest';
import { ProvidersController } from './http/providers.controller.js';
import { RulesController } from './http/rules.controller.js';
import { ServicesController } from './http/services.controller.js';
import { RuleBook } from './tree/rule-book.js';
import { ServiceTree } from './tree/service-tree.js';
import { TrafficReader } from './traffic/traffic-reader.js';

const statuses: Partial<Record<DubboErrorCode, number>> = {
  DUBBO_BAD_REQUEST: 400,
  DUBBO_BAD_URL: 400,
  DUBBO_BAD_RULE: 422,
  DUBBO_NO_PROVIDER: 404,
};

@Module({
  imports: [PatternModule.forRoot({ application: 'dubbo-admin', statuses })],
  controllers: [ServicesController, ProvidersController, RulesController],
  providers: [ServiceTree, RuleBook, TrafficReader],
})
export class AppModule {}
