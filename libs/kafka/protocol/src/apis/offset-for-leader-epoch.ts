/** OffsetForLeaderEpoch: where an epoch ended in the leader's log, by which a follower truncates (KIP-101, KIP-279). */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, since, string, struct } from '../wire/schema.js';

export const offsetForLeaderEpochApi = defineApi(23, 'OffsetForLeaderEpoch', [0, 3], {
  request: struct({
    replicaId: since(3, int32, -2),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({ partitionIndex: int32, currentLeaderEpoch: since(2, int32, -1), leaderEpoch: int32 }),
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
          struct({ errorCode: int16, partitionIndex: int32, leaderEpoch: since(1, int32, -1), endOffset: int64 }),
        ),
      }),
    ),
  }),
});
