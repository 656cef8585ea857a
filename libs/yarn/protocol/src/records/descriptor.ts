/**
 * The protobuf messages that ResourceManagers keep in ZooKeeper, with Hadoop's names and field numbers, so that a tool
 * written for the real system reads ours and ours reads what it wrote.
 *
 * Sources: yarn_server_resourcemanager_recovery.proto, yarn_server_resourcemanager_service_protos.proto,
 * yarn_server_common_protos.proto, yarn_protos.proto. Fields that we neither write nor read are left out: a reader passes
 * over what it does not know. So if a Hadoop ResourceManager wrote such a field (local resources of a master, say), it
 * is gone once ours updates that record.
 */
import protobuf from 'protobufjs/light.js';

type Field = readonly [type: string, id: number, standard?: string | number | boolean];
interface MessageShape {
  readonly fields: Readonly<Record<string, Field>>;
  readonly repeated?: readonly string[];
}

const messages: Readonly<Record<string, MessageShape>> = {
  ActiveRMInfoProto: { fields: { clusterId: ['string', 1], rmId: ['string', 2] } },
  VersionProto: { fields: { majorVersion: ['int32', 1], minorVersion: ['int32', 2] } },
  EpochProto: { fields: { epoch: ['int64', 1] } },
  MasterKeyProto: { fields: { keyId: ['int32', 1], bytes: ['bytes', 2] } },
  AMRMTokenSecretManagerStateProto: {
    fields: { currentMasterKey: ['MasterKeyProto', 1], nextMasterKey: ['MasterKeyProto', 2] },
  },

  ApplicationIdProto: { fields: { id: ['int32', 1], clusterTimestamp: ['int64', 2] } },
  ApplicationAttemptIdProto: { fields: { applicationId: ['ApplicationIdProto', 1], attemptId: ['int32', 2] } },
  ContainerIdProto: {
    fields: { appId: ['ApplicationIdProto', 1], appAttemptId: ['ApplicationAttemptIdProto', 2], id: ['int64', 3] },
  },
  NodeIdProto: { fields: { host: ['string', 1], port: ['int32', 2] } },
  ResourceProto: { fields: { memory: ['int64', 1], virtualCores: ['int32', 2] } },
  PriorityProto: { fields: { priority: ['int32', 1] } },
  StringStringMapProto: { fields: { key: ['string', 1], value: ['string', 2] } },
  ContainerProto: {
    fields: {
      id: ['ContainerIdProto', 1],
      nodeId: ['NodeIdProto', 2],
      nodeHttpAddress: ['string', 3],
      resource: ['ResourceProto', 4],
      priority: ['PriorityProto', 5],
    },
  },
  ContainerLaunchContextProto: {
    fields: { environment: ['StringStringMapProto', 4], command: ['string', 5] },
    repeated: ['environment', 'command'],
  },
  ApplicationSubmissionContextProto: {
    fields: {
      applicationId: ['ApplicationIdProto', 1],
      applicationName: ['string', 2, 'N/A'],
      queue: ['string', 3, 'default'],
      priority: ['PriorityProto', 4],
      amContainerSpec: ['ContainerLaunchContextProto', 5],
      cancelTokensWhenComplete: ['bool', 6, true],
      unmanagedAm: ['bool', 7, false],
      maxAppAttempts: ['int32', 8, 0],
      resource: ['ResourceProto', 9],
      applicationType: ['string', 10, 'YARN'],
      keepContainersAcrossApplicationAttempts: ['bool', 11, false],
      applicationTags: ['string', 12],
    },
    repeated: ['applicationTags'],
  },

  ApplicationStateDataProto: {
    fields: {
      submitTime: ['int64', 1],
      applicationSubmissionContext: ['ApplicationSubmissionContextProto', 2],
      user: ['string', 3],
      startTime: ['int64', 4],
      applicationState: ['RMAppStateProto', 5],
      diagnostics: ['string', 6, 'N/A'],
      finishTime: ['int64', 7],
    },
  },
  ApplicationAttemptStateDataProto: {
    fields: {
      attemptId: ['ApplicationAttemptIdProto', 1],
      masterContainer: ['ContainerProto', 2],
      appAttemptTokens: ['bytes', 3],
      appAttemptState: ['RMAppAttemptStateProto', 4],
      finalTrackingUrl: ['string', 5],
      diagnostics: ['string', 6, 'N/A'],
      startTime: ['int64', 7],
      finalApplicationStatus: ['FinalApplicationStatusProto', 8],
      amContainerExitStatus: ['int32', 9, -1000],
      memorySeconds: ['int64', 10],
      vcoreSeconds: ['int64', 11],
      finishTime: ['int64', 12],
    },
  },
};

const enums: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  RMAppStateProto: {
    RMAPP_NEW: 1,
    RMAPP_NEW_SAVING: 2,
    RMAPP_SUBMITTED: 3,
    RMAPP_ACCEPTED: 4,
    RMAPP_RUNNING: 5,
    RMAPP_FINAL_SAVING: 6,
    RMAPP_FINISHING: 7,
    RMAPP_FINISHED: 8,
    RMAPP_FAILED: 9,
    RMAPP_KILLED: 10,
  },
  RMAppAttemptStateProto: {
    RMATTEMPT_NEW: 1,
    RMATTEMPT_SUBMITTED: 2,
    RMATTEMPT_SCHEDULED: 3,
    RMATTEMPT_ALLOCATED: 4,
    RMATTEMPT_LAUNCHED: 5,
    RMATTEMPT_FAILED: 6,
    RMATTEMPT_RUNNING: 7,
    RMATTEMPT_FINISHING: 8,
    RMATTEMPT_FINISHED: 9,
    RMATTEMPT_KILLED: 10,
    RMATTEMPT_ALLOCATED_SAVING: 11,
    RMATTEMPT_LAUNCHED_UNMANAGED_SAVING: 12,
    RMATTEMPT_RECOVERED: 13,
    RMATTEMPT_FINAL_SAVING: 14,
  },
  FinalApplicationStatusProto: {
    APP_UNDEFINED: 0,
    APP_SUCCEEDED: 1,
    APP_FAILED: 2,
    APP_KILLED: 3,
    APP_ENDED: 4,
  },
};

/** Hadoop's files are proto2: a field that is set is written even when it is zero or empty, and absence has a meaning. */
const proto2 = { edition: 'proto2' };

function describe(shape: MessageShape): protobuf.IType {
  const fields: Record<string, protobuf.IField> = {};
  for (const [name, [type, id, standard]] of Object.entries(shape.fields)) {
    fields[name] = {
      type,
      id,
      ...(shape.repeated?.includes(name) ? { rule: 'repeated' } : {}),
      ...(standard === undefined ? {} : { options: { default: standard } }),
    };
  }
  return { ...proto2, fields };
}

const root = protobuf.Root.fromJSON({
  nested: Object.fromEntries([
    ...Object.entries(messages).map(([name, shape]) => [name, describe(shape)] as const),
    ...Object.entries(enums).map(([name, values]) => [name, { ...proto2, values: { ...values } }] as const),
  ]),
});

/** The message type of that name; unknown names are a mistake in this package. */
export const messageType = (name: string): protobuf.Type => root.lookupType(name);
