/** SyncGroup: the leader brings the assignments, everybody gets their own. */
import { defineApi } from '../wire/api.js';
import { array, bytes, int16, int32, nullableString, since, string, struct } from '../wire/schema.js';

export const syncGroupApi = defineApi(14, 'SyncGroup', [0, 3], {
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
    assignments: array(struct({ memberId: string, assignment: bytes })),
  }),
  response: struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16, assignment: bytes }),
});
