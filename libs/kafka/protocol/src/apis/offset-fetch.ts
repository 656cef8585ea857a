/** OffsetFetch. Null topics mean all that the group has committed. Version 0 read from ZooKeeper and is not offered. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, nullableArray, nullableString, since, string, struct } from '../wire/schema.js';

export const offsetFetchApi = defineApi(9, 'OffsetFetch', [1, 5], {
  request: struct({
    groupId: string,
    topics: nullableArray(struct({ name: string, partitionIndexes: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: since(3, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: since(5, int32, -1),
            metadata: nullableString,
            errorCode: int16,
          }),
        ),
      }),
    ),
    errorCode: since(2, int16, 0),
  }),
});
