/** Import it once: the session with ZooKeeper, and errors as answers. */
import { Global, Module } from '@nestjs/common';
import { isLogsError, type LogsErrorCode } from '@menagerie/logs-core';
import { errorAnswers } from '@menagerie/service';
import { ZooKeeperError } from '@menagerie/zookeeper-client';
import { ZooKeeperLink } from './zookeeper-link.js';

const statuses: Partial<Record<LogsErrorCode, number>> = {
  LOGS_BAD_REQUEST: 400,
  LOGS_BAD_PAYLOAD: 502,
  LOGS_NOT_LEADER: 409,
  LOGS_SOURCE_REFUSED: 404,
};
const isKnown = (error: unknown): boolean => isLogsError(error) || error instanceof ZooKeeperError;

@Global()
@Module({
  providers: [ZooKeeperLink, errorAnswers({ system: 'LOGS', statuses, isKnown })],
  exports: [ZooKeeperLink],
})
export class LogsModule {}
