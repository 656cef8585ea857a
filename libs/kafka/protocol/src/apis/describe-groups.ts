/** DescribeGroups. A group that nobody knows is Dead, without an error. */
import { defineApi } from '../wire/api.js';
import { array, boolean, bytes, int16, int32, nullableString, since, string, struct } from '../wire/schema.js';
import { NO_AUTHORIZED_OPERATIONS } from './metadata.js';

export const describeGroupsApi = defineApi(15, 'DescribeGroups', [0, 4], {
  request: struct({ groups: array(string), includeAuthorizedOperations: since(3, boolean, false) }),
  response: struct({
    throttleTimeMs: since(1, int32, 0),
    groups: array(
      struct({
        errorCode: int16,
        groupId: string,
        groupState: string,
        protocolType: string,
        protocolData: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: since(4, nullableString, null),
            clientId: string,
            clientHost: string,
            memberMetadata: bytes,
            memberAssignment: bytes,
          }),
        ),
        authorizedOperations: since(3, int32, NO_AUTHORIZED_OPERATIONS),
      }),
    ),
  }),
});
