/** StopReplica, from the controller to a broker: no longer serve these, and maybe delete them. */
import { defineApi } from '../wire/api.js';
import { array, boolean, int16, int32, int64, string, struct } from '../wire/schema.js';

export const stopReplicaApi = defineApi(5, 'StopReplica', [1, 1], {
  request: struct({
    controllerId: int32,
    controllerEpoch: int32,
    brokerEpoch: int64,
    deletePartitions: boolean,
    topics: array(struct({ name: string, partitionIndexes: array(int32) })),
  }),
  response: struct({
    errorCode: int16,
    partitionErrors: array(struct({ topicName: string, partitionIndex: int32, errorCode: int16 })),
  }),
});
