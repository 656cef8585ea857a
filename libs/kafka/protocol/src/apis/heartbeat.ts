/** Heartbeat of a group's member. */
import { defineApi } from '../wire/api.js';
import { int16, int32, nullableString, since, string, struct } from '../wire/schema.js';

export const heartbeatApi = defineApi(12, 'Heartbeat', [0, 3], {
  request: struct({
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullableString, null),
  }),
  response: struct({ throttleTimeMs: since(1, int32, 0), errorCode: int16 }),
});
