/** Produce: record batches for the leaders of partitions. Versions before 3 carry the older record formats. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, nullableBytes, nullableString, since, string, struct } from '../wire/schema.js';

export const produceApi = defineApi(0, 'Produce', [0, 8], {
  request: struct({
    transactionalId: since(3, nullableString, null),
    /** 0 none (and no answer), 1 the leader, -1 all in sync. */
    acks: int16,
    timeoutMs: int32,
    topics: array(
      struct({ name: string, partitions: array(struct({ partitionIndex: int32, records: nullableBytes })) }),
    ),
  }),
  response: struct({
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: since(2, int64, -1),
            logStartOffset: since(5, int64, -1),
            recordErrors: since(8, array(struct({ batchIndex: int32, message: nullableString })), []),
            errorMessage: since(8, nullableString, null),
          }),
        ),
      }),
    ),
    throttleTimeMs: since(1, int32, 0),
  }),
});
