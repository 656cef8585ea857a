/** The parts of DDNS. A process has all of them, and lets those answer that it was told to be. */
import { Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { PatternModule } from '@menagerie/platform-nest';
import { ControllerController } from './controller/controller.controller.js';
import { DispatcherController } from './dispatcher/dispatcher.controller.js';
import { DnsServer } from './dns/dns-server.js';
import { DomainTree } from './domains/domain-tree.js';
import { Domains } from './domains/domains.js';
import { MonitorController } from './monitor/monitor.controller.js';
import { PartGuard } from './part.guard.js';
import { RegisterController } from './register/register.controller.js';
import { SERVICE_CONFIG } from '@menagerie/service';
import type { DdnsConfig } from './config.js';
import { Scanner } from './scanner/scanner.js';
import { ScannerElection } from './scanner/scanner-election.js';
import { ScannerController } from './scanner/scanner.controller.js';

@Module({
  imports: [PatternModule.forRoot({ application: 'ddns' })],
  controllers: [RegisterController, DispatcherController, ScannerController, MonitorController, ControllerController],
  providers: [
    Domains,
    DomainTree,
    DnsServer,
    Scanner,
    {
      provide: ScannerElection,
      inject: [SERVICE_CONFIG, Scanner],
      useFactory: ({ parts }: DdnsConfig, scanner: Scanner) =>
        parts.has('scanner') ? new ScannerElection(scanner) : null,
    },
    { provide: APP_GUARD, useClass: PartGuard },
  ],
})
export class DdnsModule {}
