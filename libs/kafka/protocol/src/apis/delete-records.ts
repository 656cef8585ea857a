/** DeleteRecords: forget what lies before an offset; -1 means the high watermark. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, string, struct } from '../wire/schema.js';

export const deleteRecordsApi = defineApi(21, 'DeleteRecords', [0, 1], {
  request: struct({
    topics: array(struct({ name: string, partitions: array(struct({ partitionIndex: int32, offset: int64 })) })),
    timeoutMs: int32,
  }),
  response: struct({
    throttleTimeMs: int32,
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partitionIndex: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  }),
});
