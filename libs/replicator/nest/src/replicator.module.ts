/** The one import of a replicator process: the session with its credentials, and errors as answers. */
import type { DynamicModule } from '@nestjs/common';
import { PatternModule } from '@menagerie/platform-nest';
import type { ReplicatorErrorCode } from '@menagerie/replicator-core';
import type { ReplicatorConfig } from './replicator-config.js';

const statuses: Readonly<Record<ReplicatorErrorCode, number>> = {
  REPLICATOR_BAD_REQUEST: 400,
  REPLICATOR_UNKNOWN_TASK: 404,
  REPLICATOR_TASK_EXISTS: 409,
  REPLICATOR_CONFLICT: 409,
  REPLICATOR_FENCED: 409,
  REPLICATOR_SOURCE_UNSUITABLE: 422,
  REPLICATOR_TARGET_UNSUITABLE: 422,
  REPLICATOR_DDL_PAUSED: 422,
  REPLICATOR_SCHEMA_CHANGED: 422,
  REPLICATOR_DIVERGED: 422,
  REPLICATOR_EVENT_TOO_LARGE: 422,
  REPLICATOR_BINLOG_PURGED: 422,
  REPLICATOR_BAD_POSITION: 422,
  REPLICATOR_BAD_PAYLOAD: 502,
  REPLICATOR_SOURCE_UNAVAILABLE: 503,
  REPLICATOR_TARGET_UNAVAILABLE: 503,
};

/** @param application names the kind of process: `replicator-core` */
export const replicatorModule = (application: string): DynamicModule =>
  PatternModule.forRoot<ReplicatorConfig>({
    application,
    auth: ({ credentials }) => [{ scheme: 'digest', credentials }],
    statuses,
  });
