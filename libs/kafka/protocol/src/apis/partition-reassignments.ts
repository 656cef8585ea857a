/** AlterPartitionReassignments and ListPartitionReassignments (KIP-455), flexible from the first version. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, nullableArray, nullableString, string, struct } from '../wire/schema.js';

export const alterPartitionReassignmentsApi = defineApi(45, 'AlterPartitionReassignments', [0, 0], {
  flexibleFrom: 0,
  request: struct({
    timeoutMs: int32,
    topics: array(
      struct({
        name: string,
        /** Null replicas take a reassignment back. */
        partitions: array(struct({ partitionIndex: int32, replicas: nullableArray(int32) })),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partitionIndex: int32, errorCode: int16, errorMessage: nullableString })),
      }),
    ),
  }),
});

export const listPartitionReassignmentsApi = defineApi(46, 'ListPartitionReassignments', [0, 0], {
  flexibleFrom: 0,
  request: struct({
    timeoutMs: int32,
    topics: nullableArray(struct({ name: string, partitionIndexes: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            replicas: array(int32),
            addingReplicas: array(int32),
            removingReplicas: array(int32),
          }),
        ),
      }),
    ),
  }),
});
