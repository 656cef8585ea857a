/** OffsetDelete: a group's offsets of topics it no longer subscribes to (KIP-496). */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, string, struct } from '../wire/schema.js';

export const offsetDeleteApi = defineApi(47, 'OffsetDelete', [0, 0], {
  request: struct({
    groupId: string,
    topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32 })) })),
  }),
  response: struct({
    errorCode: int16,
    throttleTimeMs: int32,
    topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32, errorCode: int16 })) })),
  }),
});
