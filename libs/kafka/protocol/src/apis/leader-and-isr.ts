/** LeaderAndIsr, from the controller to a broker: lead or follow these partitions. */
import { defineApi } from '../wire/api.js';
import { array, boolean, int16, int32, int64, string, struct } from '../wire/schema.js';

export const leaderAndIsrApi = defineApi(4, 'LeaderAndIsr', [2, 2], {
  request: struct({
    controllerId: int32,
    controllerEpoch: int32,
    /** The czxid of the receiver's id node, so that it is not taken for its predecessor (KIP-380). */
    brokerEpoch: int64,
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partitionIndex: int32,
            controllerEpoch: int32,
            leader: int32,
            leaderEpoch: int32,
            isr: array(int32),
            zkVersion: int32,
            replicas: array(int32),
            isNew: boolean,
          }),
        ),
      }),
    ),
    liveLeaders: array(struct({ brokerId: int32, host: string, port: int32 })),
  }),
  response: struct({
    errorCode: int16,
    partitionErrors: array(struct({ topicName: string, partitionIndex: int32, errorCode: int16 })),
  }),
});
