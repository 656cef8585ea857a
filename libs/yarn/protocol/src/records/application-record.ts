/** What the store knows of an application: how it was submitted and, once it is over, how it ended. */
import {
  type ApplicationIdParts,
  type AttemptIdParts,
  type ContainerIdParts,
  containerNumber,
  containerOfNumber,
  formatApplicationId,
  parseApplicationId,
} from '../ids.js';
import type { Resource } from '../resources.js';
import { RmAppState } from '../states.js';
import { decodeMessage, encodeMessage, enumFromStore, FieldReader, type Plain } from './codec.js';
import { messageType } from './descriptor.js';

/** What to run in a container. */
export interface LaunchContext {
  /** The program and its arguments, run without a shell in between. */
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

export interface SubmissionContext {
  readonly applicationId: string;
  readonly name: string;
  readonly queue: string;
  /** Higher goes first within its queue. */
  readonly priority: number;
  readonly master: LaunchContext;
  readonly resource: Resource;
  readonly applicationType: string;
  /** How many attempts may fail; 0 takes the ResourceManager's own limit. */
  readonly maxAttempts: number;
  readonly tags: readonly string[];
}

/** States in which an application is stored; null while it is not over. */
export type StoredAppState = typeof RmAppState.Finished | typeof RmAppState.Failed | typeof RmAppState.Killed;

export interface ApplicationRecord {
  readonly context: SubmissionContext;
  readonly user: string;
  readonly submitTimeMs: number;
  readonly startTimeMs: number;
  readonly finalState: StoredAppState | null;
  readonly diagnostics: string;
  readonly finishTimeMs: number;
}

const applicationState = messageType('ApplicationStateDataProto');
const stateNames: Readonly<Record<StoredAppState, string>> = {
  FINISHED: 'RMAPP_FINISHED',
  FAILED: 'RMAPP_FAILED',
  KILLED: 'RMAPP_KILLED',
};

export const applicationIdMessage = (id: ApplicationIdParts): Plain => ({
  id: id.sequence,
  clusterTimestamp: id.clusterTimestamp,
});

export const attemptIdMessage = (id: AttemptIdParts): Plain => ({
  applicationId: applicationIdMessage(id),
  attemptId: id.attempt,
});

export const containerIdMessage = (id: ContainerIdParts): Plain => ({
  appId: applicationIdMessage(id),
  appAttemptId: attemptIdMessage(id),
  id: containerNumber(id).toString(),
});

export const resourceMessage = (resource: Resource): Plain => ({
  memory: resource.memoryMb,
  virtualCores: resource.vcores,
});

export const readApplicationId = (fields: FieldReader): ApplicationIdParts => ({
  sequence: fields.number('id'),
  clusterTimestamp: fields.number('clusterTimestamp'),
});

export const readAttemptId = (fields: FieldReader): AttemptIdParts => ({
  ...readApplicationId(fields.message('applicationId')),
  attempt: fields.number('attemptId'),
});

export const readContainerId = (fields: FieldReader): ContainerIdParts =>
  containerOfNumber(readAttemptId(fields.message('appAttemptId')), fields.bigint('id'));

export const readResource = (fields: FieldReader): Resource => ({
  memoryMb: fields.number('memory'),
  vcores: fields.number('virtualCores'),
});

function submissionMessage(context: SubmissionContext): Plain {
  return {
    applicationId: applicationIdMessage(parseApplicationId(context.applicationId)),
    applicationName: context.name,
    queue: context.queue,
    priority: { priority: context.priority },
    amContainerSpec: {
      environment: Object.entries(context.master.environment).map(([key, value]) => ({ key, value })),
      command: [...context.master.command],
    },
    maxAppAttempts: context.maxAttempts,
    resource: resourceMessage(context.resource),
    applicationType: context.applicationType,
    applicationTags: [...context.tags],
  };
}

function readSubmission(fields: FieldReader): SubmissionContext {
  const master = fields.optional('amContainerSpec');
  return {
    applicationId: formatApplicationId(readApplicationId(fields.message('applicationId'))),
    name: fields.text('applicationName', 'N/A'),
    queue: fields.text('queue', 'default'),
    priority: fields.optional('priority')?.number('priority', 0) ?? 0,
    master: {
      command: master?.texts('command') ?? [],
      environment: Object.fromEntries(
        (master?.messages('environment') ?? []).map((one) => [one.text('key'), one.text('value', '')]),
      ),
    },
    resource: readResource(fields.message('resource')),
    applicationType: fields.text('applicationType', 'YARN'),
    maxAttempts: fields.number('maxAppAttempts', 0),
    tags: fields.texts('applicationTags'),
  };
}

export function encodeApplicationRecord(record: ApplicationRecord): Buffer {
  return encodeMessage(applicationState, {
    submitTime: record.submitTimeMs,
    applicationSubmissionContext: submissionMessage(record.context),
    user: record.user,
    startTime: record.startTimeMs,
    ...(record.finalState === null ? {} : { applicationState: stateNames[record.finalState] }),
    diagnostics: record.diagnostics,
    finishTime: record.finishTimeMs,
  });
}

/** @throws YarnRecordError when the bytes are no such record; `where` names the znode. */
export function decodeApplicationRecord(bytes: Uint8Array, where: string): ApplicationRecord {
  const fields = new FieldReader(decodeMessage(applicationState, bytes, where), where);
  return {
    context: readSubmission(fields.message('applicationSubmissionContext')),
    user: fields.text('user', ''),
    submitTimeMs: fields.number('submitTime', 0),
    startTimeMs: fields.number('startTime', 0),
    finalState: fields.has('applicationState')
      ? enumFromStore(stateNames, fields.text('applicationState'), where)
      : null,
    diagnostics: fields.text('diagnostics', ''),
    finishTimeMs: fields.number('finishTime', 0),
  };
}
