/** TxnOffsetCommit: offsets that count once their transaction is committed. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, nullableString, since, string, struct } from '../wire/schema.js';

export const txnOffsetCommitApi = defineApi(28, 'TxnOffsetCommit', [0, 2], {
  request: struct({
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            committedOffset: int64,
            committedLeaderEpoch: since(2, int32, -1),
            committedMetadata: nullableString,
          }),
        ),
      }),
    ),
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32, errorCode: int16 })) })),
  }),
});
