/** CreateTopics. -1 partitions or replicas mean the broker's defaults (KIP-464). */
import { defineApi } from '../wire/api.js';
import { array, boolean, int16, int32, nullableString, since, string, struct } from '../wire/schema.js';

export const createTopicsApi = defineApi(19, 'CreateTopics', [0, 4], {
  request: struct({
    topics: array(
      struct({
        name: string,
        numPartitions: int32,
        replicationFactor: int16,
        assignments: array(struct({ partitionIndex: int32, brokerIds: array(int32) })),
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    timeoutMs: int32,
    validateOnly: since(1, boolean, false),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    topics: array(struct({ name: string, errorCode: int16, errorMessage: since(1, nullableString, null) })),
  }),
});
