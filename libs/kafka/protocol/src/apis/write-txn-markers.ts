/** WriteTxnMarkers, from a transaction coordinator to the leaders of what the transaction wrote. */
import { defineApi } from '../wire/api.js';
import { array, boolean, int16, int32, int64, string, struct } from '../wire/schema.js';

export const writeTxnMarkersApi = defineApi(27, 'WriteTxnMarkers', [0, 0], {
  request: struct({
    markers: array(
      struct({
        producerId: int64,
        producerEpoch: int16,
        committed: boolean,
        topics: array(struct({ name: string, partitionIndexes: array(int32) })),
        coordinatorEpoch: int32,
      }),
    ),
  }),
  response: struct({
    markers: array(
      struct({
        producerId: int64,
        topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32, errorCode: int16 })) })),
      }),
    ),
  }),
});
