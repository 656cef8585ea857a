/** ListOffsets: the offset at a time; -1 is the end, -2 the beginning. */
import { defineApi } from '../wire/api.js';
import { array, between, int16, int32, int64, int8, since, string, struct } from '../wire/schema.js';

export const LATEST_TIMESTAMP = -1;
export const EARLIEST_TIMESTAMP = -2;

export const listOffsetsApi = defineApi(2, 'ListOffsets', [0, 5], {
  request: struct({
    replicaId: int32,
    isolationLevel: since(2, int8, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            currentLeaderEpoch: since(4, int32, -1),
            timestamp: int64,
            maxNumOffsets: between(0, 0, int32, 1),
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            oldStyleOffsets: between(0, 0, array(int64), []),
            timestamp: since(1, int64, -1),
            offset: since(1, int64, -1),
            leaderEpoch: since(4, int32, -1),
          }),
        ),
      }),
    ),
  }),
});
