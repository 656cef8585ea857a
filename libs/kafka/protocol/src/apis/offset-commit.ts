/** OffsetCommit. Version 0 wrote to ZooKeeper and is not offered. */
import { defineApi } from '../wire/api.js';
import { array, between, int16, int32, int64, nullableString, since, string, struct } from '../wire/schema.js';

export const offsetCommitApi = defineApi(8, 'OffsetCommit', [1, 7], {
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(7, nullableString, null),
    retentionTimeMs: between(2, 4, int64, -1),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: since(6, int32, -1),
            commitTimestamp: between(1, 1, int64, -1),
            committedMetadata: nullableString,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32, errorCode: int16 })) })),
  }),
});
