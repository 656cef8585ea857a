/** DescribeAcls, CreateAcls, DeleteAcls. Pattern types came with version 1 (KIP-290); before, all were literal. */
import { defineApi } from '../wire/api.js';
import { array, int16, int32, int8, nullableString, since, string, struct } from '../wire/schema.js';

export const LITERAL_PATTERN = 3;

const filter = {
  resourceType: int8,
  resourceName: nullableString,
  patternType: since(1, int8, LITERAL_PATTERN),
  principal: nullableString,
  host: nullableString,
  operation: int8,
  permissionType: int8,
};
const binding = {
  resourceType: int8,
  resourceName: string,
  patternType: since(1, int8, LITERAL_PATTERN),
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
};

export const describeAclsApi = defineApi(29, 'DescribeAcls', [0, 1], {
  request: struct(filter),
  response: struct({
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        patternType: since(1, int8, LITERAL_PATTERN),
        acls: array(struct({ principal: string, host: string, operation: int8, permissionType: int8 })),
      }),
    ),
  }),
});

export const createAclsApi = defineApi(30, 'CreateAcls', [0, 1], {
  request: struct({ creations: array(struct(binding)) }),
  response: struct({
    throttleTimeMs: int32,
    results: array(struct({ errorCode: int16, errorMessage: nullableString })),
  }),
});

export const deleteAclsApi = defineApi(31, 'DeleteAcls', [0, 1], {
  request: struct({ filters: array(struct(filter)) }),
  response: struct({
    throttleTimeMs: int32,
    filterResults: array(
      struct({
        errorCode: int16,
        errorMessage: nullableString,
        matchingAcls: array(struct({ errorCode: int16, errorMessage: nullableString, ...binding })),
      }),
    ),
  }),
});
