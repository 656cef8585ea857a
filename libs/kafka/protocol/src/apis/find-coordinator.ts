/** FindCoordinator: the broker that coordinates a group (key type 0) or a transactional id (1). */
import { defineApi } from '../wire/api.js';
import { int16, int32, int8, nullableString, since, string, struct } from '../wire/schema.js';

export const CoordinatorType = { group: 0, transaction: 1 } as const;

export const findCoordinatorApi = defineApi(10, 'FindCoordinator', [0, 2], {
  request: struct({ key: string, keyType: since(1, int8, CoordinatorType.group as number) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    errorCode: int16,
    errorMessage: since(1, nullableString, null),
    nodeId: int32,
    host: string,
    port: int32,
  }),
});
