/** ElectLeaders: preferred (0) or unclean (1) leaders for partitions, all if null. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int8, nullableArray, nullableString, since, string, struct } from '../wire/schema.js';

export const electLeadersApi = defineApi(43, 'ElectLeaders', [0, 1], {
  request: struct({
    electionType: since(1, int8, 0),
    topicPartitions: nullableArray(struct({ name: string, partitions: array(int32) })),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    errorCode: since(1, int16, 0),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partitionIndex: int32, errorCode: int16, errorMessage: nullableString })),
      }),
    ),
  }),
});
