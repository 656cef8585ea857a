import { Module } from '@nestjs/common';
import { SERVICE_CONFIG } from '@menagerie/service';
import { ZooKeeperModule } from '@menagerie/zookeeper-nest';
import { join } from 'node:path';
import type { Config } from './config.js';
import { TickLedger } from './tick-ledger.js';

@Module({
  imports: [
    ZooKeeperModule.forRootAsync({
      inject: [SERVICE_CONFIG],
      useFactory: (config: Config) => ({
        application: 'cron-replica',
        instance: `replica-${config.memberId}`,
        sessionTimeoutMs: config.sessionTimeoutMs,
        ensemble: {
          id: config.memberId,
          members: config.members,
          dataDir: join(config.dataDir, 'member'),
          tickTimeMs: config.tickTimeMs,
        },
      }),
    }),
  ],
  providers: [TickLedger],
})
export class AppModule {}
