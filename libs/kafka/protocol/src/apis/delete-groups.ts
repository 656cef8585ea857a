/** DeleteGroups: empty ones only. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, string, struct } from '../wire/schema.js';

export const deleteGroupsApi = defineApi(42, 'DeleteGroups', [0, 1], {
  request: struct({ groupsNames: array(string) }),
  response: struct({
    throttleTimeMs: int32,
    results: array(struct({ groupId: string, errorCode: int16 })),
  }),
});
