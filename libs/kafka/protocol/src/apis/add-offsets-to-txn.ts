/** AddOffsetsToTxn: a group whose offsets a transaction will commit. */
import { defineApi } from '../wire/api.js';
import { int16, int32, int64, string, struct } from '../wire/schema.js';

export const addOffsetsToTxnApi = defineApi(25, 'AddOffsetsToTxn', [0, 1], {
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, groupId: string }),
  response: struct({ throttleTimeMs: int32, errorCode: int16 }),
});
