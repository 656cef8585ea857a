/** InitProducerId: an id for an idempotent producer, or the next epoch of a transactional one. */
import { defineApi } from '../wire/api.js';
import { int16, int32, int64, nullableString, struct } from '../wire/schema.js';

export const initProducerIdApi = defineApi(22, 'InitProducerId', [0, 1], {
  request: struct({ transactionalId: nullableString, transactionTimeoutMs: int32 }),
  response: struct({ throttleTimeMs: int32, errorCode: int16, producerId: int64, producerEpoch: int16 }),
});
