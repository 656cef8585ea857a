/** AlterConfigs replaces all of a resource's values; IncrementalAlterConfigs changes some (KIP-339). */
import { defineApi } from '../wire/api.js';
import { array, boolean, int16, int32, int8, nullableString, string, struct } from '../wire/schema.js';

const response = struct({
  throttleTimeMs: int32,
  responses: array(
    struct({ errorCode: int16, errorMessage: nullableString, resourceType: int8, resourceName: string }),
  ),
});

export const alterConfigsApi = defineApi(33, 'AlterConfigs', [0, 1], {
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(struct({ name: string, value: nullableString })),
      }),
    ),
    validateOnly: boolean,
  }),
  response,
});

export const ConfigOperation = { set: 0, delete: 1, append: 2, subtract: 3 } as const;

export const incrementalAlterConfigsApi = defineApi(44, 'IncrementalAlterConfigs', [0, 0], {
  request: struct({
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(struct({ name: string, configOperation: int8, value: nullableString })),
      }),
    ),
    validateOnly: boolean,
  }),
  response,
});
