/** ControlledShutdown, from a broker to the controller: move my leaderships away before I go. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, since, string, struct } from '../wire/schema.js';

export const controlledShutdownApi = defineApi(7, 'ControlledShutdown', [1, 2], {
  request: struct({ brokerId: int32, brokerEpoch: since(2, int64, -1) }),
  response: struct({
    errorCode: int16,
    /** Those it still leads. */
    remainingPartitions: array(struct({ topicName: string, partitionIndex: int32 })),
  }),
});
