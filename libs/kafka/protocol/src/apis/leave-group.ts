/** LeaveGroup: one member, or from version 3 several (KIP-345). */
import { defineApi } from '../wire/api.js';
import { array, between, int16, int32, nullableString, since, string, struct } from '../wire/schema.js';

export const leaveGroupApi = defineApi(13, 'LeaveGroup', [0, 3], {
  request: struct({
    groupId: string,
    memberId: between(0, 2, string, ''),
    members: since(3, array(struct({ memberId: string, groupInstanceId: nullableString })), []),
  }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    members: since(3, array(struct({ memberId: string, groupInstanceId: nullableString, errorCode: int16 })), []),
  }),
});
