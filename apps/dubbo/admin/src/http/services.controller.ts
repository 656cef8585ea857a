/** What there is. */
import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Operation } from '@menagerie/platform-nest';
import { checked } from '@menagerie/service';
import { type TrafficView, TrafficReader } from '../traffic/traffic-reader.js';
import { type ConsumerView, type ServiceSummary, ServiceTree } from '../tree/service-tree.js';
import { serviceName } from './names.js';

@Controller('services')
export class ServicesController {
  constructor(
    @Inject(ServiceTree) private readonly tree: ServiceTree,
    @Inject(TrafficReader) private readonly traffics: TrafficReader,
  ) {}

  @Get()
  @Operation('all services, and how many provide and call them')
  services(): Promise<readonly ServiceSummary[]> {
    return this.tree.services();
  }

  @Get(':service/consumers')
  @Operation('who calls a service')
  consumers(@Param('service', checked(serviceName)) service: string): Promise<readonly ConsumerView[]> {
    return this.tree.consumers(service);
  }

  @Get(':service/traffic')
  @Operation('calls of everybody who provides or calls it, counted by themselves since they began')
  traffic(@Param('service', checked(serviceName)) service: string): Promise<readonly TrafficView[]> {
    return this.traffics.traffic(service);
  }
}
