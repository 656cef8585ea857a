/** Guards of groups, offsets and transactions. */
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  CoordinatorType,
  deleteGroupsApi,
  describeGroupsApi,
  endTxnApi,
  ErrorCode,
  findCoordinatorApi,
  heartbeatApi,
  initProducerIdApi,
  joinGroupApi,
  leaveGroupApi,
  listGroupsApi,
  NO_AUTHORIZED_OPERATIONS,
  offsetCommitApi,
  offsetDeleteApi,
  offsetFetchApi,
  syncGroupApi,
  txnOffsetCommitApi,
} from '@menagerie/kafka-protocol';

import { byTopic, type Guards, type May, mayCluster, then } from './guard.js';

const { GROUP_AUTHORIZATION_FAILED: GROUP, TOPIC_AUTHORIZATION_FAILED: TOPIC } = ErrorCode;
const TXN = ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
const throttleTimeMs = 0;

interface Committed {
  readonly name: string;
  readonly partitions: readonly { readonly partitionIndex: number }[];
}
const all = ({ name, partitions }: Committed, errorCode: ErrorCode) => ({
  name,
  partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
});
const mayRead = (may: May, groupId: string) => may('Read', 'Group', groupId);

export function guardGroups(guards: Guards): void {
  guards
    .on(findCoordinatorApi, (request, may, next) => {
      const { key, keyType } = request;
      const isTxn = keyType === CoordinatorType.transaction;
      if (may('Describe', isTxn ? 'TransactionalId' : 'Group', key)) return next(request);
      return { throttleTimeMs, errorCode: isTxn ? TXN : GROUP, errorMessage: null, nodeId: -1, host: '', port: -1 };
    })
    .on(joinGroupApi, (request, may, next) =>
      mayRead(may, request.groupId)
        ? next(request)
        : {
            throttleTimeMs,
            errorCode: GROUP,
            generationId: -1,
            protocolName: '',
            leader: '',
            memberId: request.memberId,
            members: [],
          },
    )
    .on(syncGroupApi, (request, may, next) =>
      mayRead(may, request.groupId) ? next(request) : { throttleTimeMs, errorCode: GROUP, assignment: Buffer.alloc(0) },
    )
    .on(heartbeatApi, (request, may, next) =>
      mayRead(may, request.groupId) ? next(request) : { throttleTimeMs, errorCode: GROUP },
    )
    .on(leaveGroupApi, (request, may, next) =>
      mayRead(may, request.groupId) ? next(request) : { throttleTimeMs, errorCode: GROUP, members: [] },
    )
    .on(describeGroupsApi, (request, may, next) => {
      const refused = request.groups.filter((groupId) => !may('Describe', 'Group', groupId));
      const groups = request.groups.filter((groupId) => !refused.includes(groupId));
      return then(next({ ...request, groups }), (response) => ({
        ...response,
        groups: [
          ...response.groups,
          ...refused.map((groupId) => ({
            errorCode: GROUP,
            groupId,
            groupState: '',
            protocolType: '',
            protocolData: '',
            members: [],
            authorizedOperations: NO_AUTHORIZED_OPERATIONS,
          })),
        ],
      }));
    })
    .on(listGroupsApi, (request, may, next) =>
      then(next(request), (response) => ({
        ...response,
        groups: response.groups.filter(
          ({ groupId }) => mayCluster(may, 'Describe') || may('Describe', 'Group', groupId),
        ),
      })),
    )
    .on(deleteGroupsApi, (request, may, next) => {
      const refused = request.groupsNames.filter((groupId) => !may('Delete', 'Group', groupId));
      const groupsNames = request.groupsNames.filter((groupId) => !refused.includes(groupId));
      return then(next({ ...request, groupsNames }), (response) => ({
        ...response,
        results: [...response.results, ...refused.map((groupId) => ({ groupId, errorCode: GROUP }))],
      }));
    })
    .on(offsetCommitApi, (request, may, next) => {
      const group = mayRead(may, request.groupId);
      return byTopic(
        request,
        ({ name }) => group && may('Read', 'Topic', name),
        (topic) => all(topic, group ? TOPIC : GROUP),
        next,
      );
    })
    .on(offsetFetchApi, (request, may, next) => {
      if (!may('Describe', 'Group', request.groupId)) {
        const topics = (request.topics ?? []).map(({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({ ...nothing, partitionIndex, errorCode: GROUP })),
        }));
        return { throttleTimeMs, errorCode: GROUP, topics };
      }
      const visible = ({ name }: { readonly name: string }) => may('Describe', 'Topic', name);
      const { topics } = request;
      if (topics === null) {
        return then(next(request), (response) => ({ ...response, topics: response.topics.filter(visible) }));
      }
      return byTopic(
        { ...request, topics },
        visible,
        ({ name, partitionIndexes }) => ({
          name,
          partitions: partitionIndexes.map((partitionIndex) => ({ ...nothing, partitionIndex, errorCode: TOPIC })),
        }),
        next,
      );
    })
    .on(offsetDeleteApi, (request, may, next) => {
      if (!may('Delete', 'Group', request.groupId)) return { throttleTimeMs, errorCode: GROUP, topics: [] };
      return byTopic(
        request,
        ({ name }) => may('Read', 'Topic', name),
        (topic) => all(topic, TOPIC),
        next,
      );
    })
    .on(initProducerIdApi, (request, may, next) => {
      const { transactionalId } = request;
      const none = { throttleTimeMs, producerId: -1, producerEpoch: -1 };
      if (transactionalId !== null) {
        return may('Write', 'TransactionalId', transactionalId) ? next(request) : { ...none, errorCode: TXN };
      }
      return mayCluster(may, 'IdempotentWrite')
        ? next(request)
        : { ...none, errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED };
    })
    .on(addPartitionsToTxnApi, (request, may, next) => {
      const { topics, transactionalId } = request;
      const txn = may('Write', 'TransactionalId', transactionalId);
      const isFree = ({ name }: { readonly name: string }) => may('Write', 'Topic', name);
      if (txn && topics.every(isFree)) return next(request);
      // All or nothing, as with topics that are not there.
      const codeOf = (name: string) => (isFree({ name }) ? ErrorCode.OPERATION_NOT_ATTEMPTED : TOPIC);
      return {
        throttleTimeMs,
        topics: topics.map(({ name, partitions }) => ({
          name,
          partitions: partitions.map((partitionIndex) => ({ partitionIndex, errorCode: txn ? codeOf(name) : TXN })),
        })),
      };
    })
    .on(addOffsetsToTxnApi, (request, may, next) => {
      if (!may('Write', 'TransactionalId', request.transactionalId)) return { throttleTimeMs, errorCode: TXN };
      return mayRead(may, request.groupId) ? next(request) : { throttleTimeMs, errorCode: GROUP };
    })
    .on(endTxnApi, (request, may, next) =>
      may('Write', 'TransactionalId', request.transactionalId) ? next(request) : { throttleTimeMs, errorCode: TXN },
    )
    .on(txnOffsetCommitApi, (request, may, next) => {
      const txn = may('Write', 'TransactionalId', request.transactionalId);
      const group = mayRead(may, request.groupId);
      const refusal = group ? TOPIC : GROUP;
      return byTopic(
        request,
        ({ name }) => txn && group && may('Read', 'Topic', name),
        (topic) => all(topic, txn ? refusal : TXN),
        next,
      );
    });
}

const nothing = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '' };
