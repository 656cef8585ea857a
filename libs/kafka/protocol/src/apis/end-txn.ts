/** EndTxn: commit or abort. */
import { defineApi } from '../wire/api.js';
import { boolean, int16, int32, int64, string, struct } from '../wire/schema.js';

export const endTxnApi = defineApi(26, 'EndTxn', [0, 1], {
  request: struct({ transactionalId: string, producerId: int64, producerEpoch: int16, committed: boolean }),
  response: struct({ throttleTimeMs: int32, errorCode: int16 }),
});
