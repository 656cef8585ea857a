/** JoinGroup: held back until the group is complete. From version 4 a new member is first given its id (KIP-394). */
import { defineApi } from '../wire/api.js';
import { array, bytes, int16, int32, nullableString, since, string, struct } from '../wire/schema.js';

export const joinGroupApi = defineApi(11, 'JoinGroup', [0, 5], {
  request: struct({
    groupId: string,
    sessionTimeoutMs: int32,
    /** -1 in version 0, where the session timeout serves for both. */
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: string,
    groupInstanceId: since(5, nullableString, null),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
  }),
  response: struct({
    throttleTimeMs: since(2, int32, 0),
    errorCode: int16,
    generationId: int32,
    protocolName: string,
    leader: string,
    memberId: string,
    /** For the leader only. */
    members: array(struct({ memberId: string, groupInstanceId: since(5, nullableString, null), metadata: bytes })),
  }),
});
