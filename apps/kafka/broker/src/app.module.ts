/** The broker's parts, as far as the application sees them. */
import { Module } from '@nestjs/common';

import { BrokerController } from './admin/broker.controller.js';
import { KafkaBroker } from './kafka-broker.service.js';

@Module({ controllers: [BrokerController], providers: [KafkaBroker] })
export class AppModule {}
