/** CreatePartitions: more of them, never fewer. */
import { defineApi } from '../wire/api.js';
import { array, boolean, int16, int32, nullableArray, nullableString, string, struct } from '../wire/schema.js';

export const createPartitionsApi = defineApi(37, 'CreatePartitions', [0, 1], {
  request: struct({
    topics: array(
      struct({ name: string, count: int32, assignments: nullableArray(struct({ brokerIds: array(int32) })) }),
    ),
    timeoutMs: int32,
    validateOnly: boolean,
  }),
  response: struct({
    throttleTimeMs: int32,
    results: array(struct({ name: string, errorCode: int16, errorMessage: nullableString })),
  }),
});
