/** What the store knows of one attempt: where its master runs and, once it is over, how it ended. */
import { formatAttemptId, formatContainerId, parseAttemptId, parseContainerId } from '../ids.js';
import type { Resource } from '../resources.js';
import { ContainerExitStatus, FinalStatus, RmAttemptState } from '../states.js';
import {
  attemptIdMessage,
  containerIdMessage,
  readAttemptId,
  readContainerId,
  readResource,
  resourceMessage,
} from './application-record.js';
import { decodeMessage, encodeMessage, enumFromStore, FieldReader, type Plain } from './codec.js';
import { messageType } from './descriptor.js';

/** `host:port` names a NodeManager; the host part is its configured name. */
export interface NodeIdParts {
  readonly host: string;
  readonly port: number;
}

export interface MasterContainer {
  readonly containerId: string;
  readonly nodeId: string;
  /** `host:port` where the NodeManager answers. */
  readonly nodeHttpAddress: string;
  readonly resource: Resource;
  readonly priority: number;
}

export type StoredAttemptState =
  typeof RmAttemptState.Finished | typeof RmAttemptState.Failed | typeof RmAttemptState.Killed;

export interface AttemptRecord {
  readonly attemptId: string;
  /** Null for an attempt that was given up before it had a container. */
  readonly masterContainer: MasterContainer | null;
  /** Null while it is not over. */
  readonly finalState: StoredAttemptState | null;
  readonly finalTrackingUrl: string;
  readonly diagnostics: string;
  readonly startTimeMs: number;
  readonly finishTimeMs: number;
  readonly finalStatus: FinalStatus | null;
  readonly exitStatus: number;
  /** Memory times time of all its containers, in MB·s. */
  readonly memorySeconds: number;
  readonly vcoreSeconds: number;
}

const attemptState = messageType('ApplicationAttemptStateDataProto');
const stateNames: Readonly<Record<StoredAttemptState, string>> = {
  FINISHED: 'RMATTEMPT_FINISHED',
  FAILED: 'RMATTEMPT_FAILED',
  KILLED: 'RMATTEMPT_KILLED',
};
const statusNames: Readonly<Record<FinalStatus, string>> = {
  UNDEFINED: 'APP_UNDEFINED',
  SUCCEEDED: 'APP_SUCCEEDED',
  FAILED: 'APP_FAILED',
  KILLED: 'APP_KILLED',
};

export function parseNodeId(text: string): NodeIdParts {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: Number(text.slice(colon + 1)) };
}

export const formatNodeId = (id: NodeIdParts): string => `${id.host}:${id.port}`;

function containerMessage(container: MasterContainer): Plain {
  return {
    id: containerIdMessage(parseContainerId(container.containerId)),
    nodeId: { ...parseNodeId(container.nodeId) },
    nodeHttpAddress: container.nodeHttpAddress,
    resource: resourceMessage(container.resource),
    priority: { priority: container.priority },
  };
}

function readContainer(fields: FieldReader): MasterContainer {
  const node = fields.message('nodeId');
  return {
    containerId: formatContainerId(readContainerId(fields.message('id'))),
    nodeId: formatNodeId({ host: node.text('host'), port: node.number('port', 0) }),
    nodeHttpAddress: fields.text('nodeHttpAddress', ''),
    resource: readResource(fields.message('resource')),
    priority: fields.optional('priority')?.number('priority', 0) ?? 0,
  };
}

export function encodeAttemptRecord(record: AttemptRecord): Buffer {
  return encodeMessage(attemptState, {
    attemptId: attemptIdMessage(parseAttemptId(record.attemptId)),
    ...(record.masterContainer === null ? {} : { masterContainer: containerMessage(record.masterContainer) }),
    ...(record.finalState === null ? {} : { appAttemptState: stateNames[record.finalState] }),
    ...(record.finalTrackingUrl === '' ? {} : { finalTrackingUrl: record.finalTrackingUrl }),
    diagnostics: record.diagnostics,
    startTime: record.startTimeMs,
    ...(record.finalStatus === null ? {} : { finalApplicationStatus: statusNames[record.finalStatus] }),
    amContainerExitStatus: record.exitStatus,
    memorySeconds: record.memorySeconds,
    vcoreSeconds: record.vcoreSeconds,
    finishTime: record.finishTimeMs,
  });
}

/** @throws YarnRecordError when the bytes are no such record; `where` names the znode. */
export function decodeAttemptRecord(bytes: Uint8Array, where: string): AttemptRecord {
  const fields = new FieldReader(decodeMessage(attemptState, bytes, where), where);
  const container = fields.optional('masterContainer');
  return {
    attemptId: formatAttemptId(readAttemptId(fields.message('attemptId'))),
    masterContainer: container === null ? null : readContainer(container),
    finalState: fields.has('appAttemptState') ? enumFromStore(stateNames, fields.text('appAttemptState'), where) : null,
    finalTrackingUrl: fields.text('finalTrackingUrl', ''),
    diagnostics: fields.text('diagnostics', ''),
    startTimeMs: fields.number('startTime', 0),
    finishTimeMs: fields.number('finishTime', 0),
    finalStatus: fields.has('finalApplicationStatus')
      ? enumFromStore(statusNames, fields.text('finalApplicationStatus'), where)
      : null,
    exitStatus: fields.number('amContainerExitStatus', ContainerExitStatus.Invalid),
    memorySeconds: fields.number('memorySeconds', 0),
    vcoreSeconds: fields.number('vcoreSeconds', 0),
  };
}
