/** Import it once: the session with ZooKeeper, and errors as answers. */
import { Global, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { LogsErrorFilter } from './logs-error.filter.js';
import { ZooKeeperLink } from './zookeeper-link.js';

@Global()
@Module({
  providers: [ZooKeeperLink, { provide: APP_FILTER, useClass: LogsErrorFilter }],
  exports: [ZooKeeperLink],
})
export class LogsModule {}
