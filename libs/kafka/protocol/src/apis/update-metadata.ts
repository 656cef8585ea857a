/** UpdateMetadata, from the controller to all brokers: what they tell clients who ask for Metadata. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int64, nullableString, string, struct } from '../wire/schema.js';

export const updateMetadataApi = defineApi(6, 'UpdateMetadata', [5, 5], {
  request: struct({
    controllerId: int32,
    controllerEpoch: int32,
    brokerEpoch: int64,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            controllerEpoch: int32,
            /** -1 none, -2 the topic is being deleted. */
            leader: int32,
            leaderEpoch: int32,
            isr: array(int32),
            zkVersion: int32,
            replicas: array(int32),
            offlineReplicas: array(int32),
          }),
        ),
      }),
    ),
    liveBrokers: array(
      struct({
        id: int32,
        endpoints: array(struct({ port: int32, host: string, listener: string, securityProtocol: int16 })),
        rack: nullableString,
      }),
    ),
  }),
  response: struct({ errorCode: int16 }),
});
