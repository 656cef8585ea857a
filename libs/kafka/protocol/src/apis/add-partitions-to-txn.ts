/** AddPartitionsToTxn: partitions a transaction will write to, recorded before the first write. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, string, struct } from '../wire/schema.js';

export const addPartitionsToTxnApi = defineApi(24, 'AddPartitionsToTxn', [0, 1], {
  request: struct({
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    topics: array(struct({ name: string, partitions: array(int32) })),
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32, errorCode: int16 })) })),
  }),
});
