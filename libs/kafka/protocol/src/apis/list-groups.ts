/** ListGroups: those this broker coordinates. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, since, string, struct } from '../wire/schema.js';

export const listGroupsApi = defineApi(16, 'ListGroups', [0, 2], {
  request: struct({}),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    groups: array(struct({ groupId: string, protocolType: string })),
  }),
});
