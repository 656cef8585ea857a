/** Metadata: which brokers there are and who leads what. Version 0 with no topics means all, later versions say null. */
import { defineApi } from '../wire/api.js';
import {
  array,
  boolean,
  between,
  int16,
  int32,
  nullableArray,
  nullableString,
  since,
  string,
  struct,
} from '../wire/schema.js';

/** "Not asked for". */
export const NO_AUTHORIZED_OPERATIONS = -2147483648;

export const metadataApi = defineApi(3, 'Metadata', [0, 8], {
  request: struct({
    topics: nullableArray(struct({ name: string })),
    allowAutoTopicCreation: since(4, boolean, true),
    includeClusterAuthorizedOperations: between(8, 10, boolean, false),
    includeTopicAuthorizedOperations: since(8, boolean, false),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullableString, null) })),
    clusterId: since(2, nullableString, null),
    controllerId: since(1, int32, -1),
    topics: array(
      struct({
        errorCode: int16,
        name: string,
        isInternal: since(1, boolean, false),
        partitions: array(
          struct({
            errorCode: int16,
            partitionIndex: int32,
            leaderId: int32,
            leaderEpoch: since(7, int32, -1),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: since(5, array(int32), []),
          }),
        ),
        authorizedOperations: since(8, int32, NO_AUTHORIZED_OPERATIONS),
      }),
    ),
    clusterAuthorizedOperations: between(8, 10, int32, NO_AUTHORIZED_OPERATIONS),
  }),
});
