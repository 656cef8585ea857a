/** One request as kafkajs takes it and one answer as we give it, for each API that both know. */
import * as apis from '../apis/index.js';
import type { Api } from '../wire/api.js';

interface Sample {
  readonly api: Api<unknown, unknown>;
  /** As kafkajs calls it, where that differs. */
  readonly name?: string;
  readonly args: object;
  readonly answer: object;
}

const sample = <Q, R>(api: Api<Q, R>, args: object, answer: R & object, name?: string): Sample => ({
  api: api as Api<unknown, unknown>,
  args,
  answer,
  ...(name === undefined ? {} : { name }),
});

const ok = { throttleTimeMs: 3, errorCode: 0 };
const binding = { resourceType: 2, patternType: 3, operation: 3, permissionType: 3 };
const foreignBinding = { ...binding, resourceName: 't', resourcePatternType: 3, principal: 'User:a', host: '*' };

export const samples: readonly Sample[] = [
  sample(
    apis.produceApi,
    {
      acks: -1,
      timeout: 900,
      topicData: [
        { topic: 't', partitions: [{ partition: 4, firstSequence: 0, messages: [{ key: 'k', value: 'v' }] }] },
      ],
    },
    {
      throttleTimeMs: 3,
      topics: [
        {
          name: 't',
          partitions: [
            {
              partitionIndex: 4,
              errorCode: 7,
              baseOffset: 5_000_000_000,
              logAppendTimeMs: -1,
              logStartOffset: 9,
              recordErrors: [],
              errorMessage: null,
            },
          ],
        },
      ],
    },
  ),
  sample(
    apis.fetchApi,
    {
      replicaId: -1,
      maxWaitTime: 100,
      minBytes: 1,
      maxBytes: 1000,
      topics: [{ topic: 't', partitions: [{ partition: 1, fetchOffset: '12', maxBytes: 500 }] }],
    },
    {
      throttleTimeMs: 0,
      errorCode: 0,
      sessionId: 0,
      topics: [
        {
          name: 't',
          partitions: [
            {
              partitionIndex: 1,
              errorCode: 1,
              highWatermark: 77,
              lastStableOffset: 70,
              logStartOffset: 2,
              abortedTransactions: [{ producerId: 4, firstOffset: 60 }],
              preferredReadReplica: -1,
              records: [],
            },
          ],
        },
      ],
    },
  ),
  sample(
    apis.listOffsetsApi,
    {
      replicaId: -1,
      isolationLevel: 1,
      topics: [{ topic: 't', partitions: [{ partition: 2, timestamp: -1, maxNumOffsets: 2 }] }],
    },
    {
      throttleTimeMs: 0,
      topics: [
        {
          name: 't',
          partitions: [
            { partitionIndex: 2, errorCode: 0, oldStyleOffsets: [41], timestamp: -1, offset: 41, leaderEpoch: 6 },
          ],
        },
      ],
    },
  ),
  sample(
    apis.metadataApi,
    { topics: ['t'], allowAutoTopicCreation: false },
    {
      throttleTimeMs: 0,
      brokers: [{ nodeId: 1, host: 'localhost', port: 9092, rack: null }],
      clusterId: 'c',
      controllerId: 1,
      topics: [
        {
          errorCode: 0,
          name: 't',
          isInternal: false,
          partitions: [
            {
              errorCode: 0,
              partitionIndex: 0,
              leaderId: 1,
              leaderEpoch: 2,
              replicaNodes: [1, 2],
              isrNodes: [1],
              offlineReplicas: [2],
            },
          ],
          authorizedOperations: 0,
        },
      ],
      clusterAuthorizedOperations: 0,
    },
  ),
  sample(
    apis.offsetCommitApi,
    {
      groupId: 'g',
      groupGenerationId: 3,
      memberId: 'm',
      retentionTime: -1,
      topics: [{ topic: 't', partitions: [{ partition: 0, offset: '12', metadata: 'note' }] }],
    },
    { throttleTimeMs: 0, topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 22 }] }] },
  ),
  sample(
    apis.offsetFetchApi,
    { groupId: 'g', topics: [{ topic: 't', partitions: [{ partition: 0 }] }] },
    {
      ...ok,
      topics: [
        {
          name: 't',
          partitions: [
            { partitionIndex: 0, committedOffset: 12, committedLeaderEpoch: -1, metadata: 'note', errorCode: 0 },
          ],
        },
      ],
    },
  ),
  sample(
    apis.findCoordinatorApi,
    { coordinatorKey: 'g', groupId: 'g', coordinatorType: 0 },
    { ...ok, errorMessage: null, nodeId: 1, host: 'localhost', port: 9092 },
    'GroupCoordinator',
  ),
  sample(
    apis.joinGroupApi,
    {
      groupId: 'g',
      sessionTimeout: 30_000,
      rebalanceTimeout: 60_000,
      memberId: '',
      protocolType: 'consumer',
      groupProtocols: [{ name: 'range', metadata: Buffer.from('meta') }],
    },
    {
      ...ok,
      generationId: 4,
      protocolName: 'range',
      leader: 'm',
      memberId: 'm',
      members: [{ memberId: 'm', groupInstanceId: null, metadata: Buffer.from('meta') }],
    },
  ),
  sample(apis.heartbeatApi, { groupId: 'g', groupGenerationId: 1, memberId: 'm' }, { ...ok, errorCode: 27 }),
  sample(
    apis.leaveGroupApi,
    { groupId: 'g', memberId: 'm', members: [{ memberId: 'm' }] },
    { ...ok, members: [{ memberId: 'm', groupInstanceId: null, errorCode: 0 }] },
  ),
  sample(
    apis.syncGroupApi,
    {
      groupId: 'g',
      generationId: 2,
      memberId: 'm',
      groupAssignment: [{ memberId: 'm', memberAssignment: Buffer.from('mine') }],
    },
    { ...ok, assignment: Buffer.from('mine') },
  ),
  sample(
    apis.describeGroupsApi,
    { groupIds: ['g'] },
    {
      throttleTimeMs: 0,
      groups: [
        {
          errorCode: 0,
          groupId: 'g',
          groupState: 'Stable',
          protocolType: 'consumer',
          protocolData: 'range',
          members: [
            {
              memberId: 'm',
              groupInstanceId: null,
              clientId: 'c',
              clientHost: '/127.0.0.1',
              memberMetadata: Buffer.from('a'),
              memberAssignment: Buffer.from('b'),
            },
          ],
          authorizedOperations: 0,
        },
      ],
    },
  ),
  sample(apis.listGroupsApi, {}, { ...ok, groups: [{ groupId: 'g', protocolType: 'consumer' }] }),
  sample(apis.saslHandshakeApi, { mechanism: 'PLAIN' }, { errorCode: 33, mechanisms: ['SCRAM-SHA-256'] }),
  sample(
    apis.createTopicsApi,
    {
      topics: [
        {
          topic: 't',
          numPartitions: 3,
          replicationFactor: 1,
          replicaAssignment: [{ partition: 0, replicas: [1, 2] }],
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
      ],
    },
    { throttleTimeMs: 0, topics: [{ name: 't', errorCode: 36, errorMessage: 'there already' }] },
  ),
  sample(apis.deleteTopicsApi, { topics: ['t'] }, { throttleTimeMs: 0, responses: [{ name: 't', errorCode: 3 }] }),
  sample(
    apis.deleteRecordsApi,
    { topics: [{ topic: 't', partitions: [{ partition: 0, offset: '5' }] }] },
    {
      throttleTimeMs: 0,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, lowWatermark: 5, errorCode: 0 }] }],
    },
  ),
  sample(
    apis.initProducerIdApi,
    { transactionalId: 'tx', transactionTimeout: 100 },
    { ...ok, producerId: 2001, producerEpoch: 1 },
  ),
  sample(
    apis.addPartitionsToTxnApi,
    { transactionalId: 'tx', producerId: 2001, producerEpoch: 1, topics: [{ topic: 't', partitions: [0, 1] }] },
    { throttleTimeMs: 0, topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 51 }] }] },
  ),
  sample(apis.addOffsetsToTxnApi, { transactionalId: 'tx', producerId: 2001, producerEpoch: 1, groupId: 'g' }, ok),
  sample(apis.endTxnApi, { transactionalId: 'tx', producerId: 2001, producerEpoch: 1, transactionResult: true }, ok),
  sample(
    apis.txnOffsetCommitApi,
    {
      transactionalId: 'tx',
      groupId: 'g',
      producerId: 2001,
      producerEpoch: 1,
      topics: [{ topic: 't', partitions: [{ partition: 0, offset: '3', metadata: null }] }],
    },
    { throttleTimeMs: 0, topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 0 }] }] },
  ),
  sample(apis.describeAclsApi, foreignBinding, {
    ...ok,
    errorMessage: null,
    resources: [
      {
        resourceType: 2,
        resourceName: 't',
        patternType: 3,
        acls: [{ principal: 'User:a', host: '*', operation: 3, permissionType: 3 }],
      },
    ],
  }),
  sample(
    apis.createAclsApi,
    { creations: [foreignBinding] },
    { throttleTimeMs: 0, results: [{ errorCode: 0, errorMessage: null }] },
  ),
  sample(
    apis.deleteAclsApi,
    { filters: [foreignBinding] },
    {
      throttleTimeMs: 0,
      filterResults: [
        {
          errorCode: 0,
          errorMessage: null,
          matchingAcls: [
            { errorCode: 0, errorMessage: null, resourceName: 't', principal: 'User:a', host: '*', ...binding },
          ],
        },
      ],
    },
  ),
  sample(
    apis.describeConfigsApi,
    { resources: [{ type: 2, name: 't', configNames: ['retention.ms'] }], includeSynonyms: true },
    {
      throttleTimeMs: 0,
      results: [
        {
          errorCode: 0,
          errorMessage: null,
          resourceType: 2,
          resourceName: 't',
          configs: [
            {
              name: 'retention.ms',
              value: '1000',
              readOnly: false,
              isDefault: false,
              configSource: 1,
              isSensitive: false,
              synonyms: [{ name: 'retention.ms', value: '1000', source: 1 }],
            },
          ],
        },
      ],
    },
  ),
  sample(
    apis.alterConfigsApi,
    { resources: [{ type: 2, name: 't', configEntries: [{ name: 'retention.ms', value: '1' }] }] },
    { throttleTimeMs: 0, responses: [{ errorCode: 40, errorMessage: 'no', resourceType: 2, resourceName: 't' }] },
  ),
  sample(
    apis.createPartitionsApi,
    { topicPartitions: [{ topic: 't', count: 3, assignments: [[1, 2]] }] },
    { throttleTimeMs: 0, results: [{ name: 't', errorCode: 37, errorMessage: 'fewer' }] },
  ),
  sample(apis.deleteGroupsApi, ['g'], { throttleTimeMs: 0, results: [{ groupId: 'g', errorCode: 68 }] }),
  sample(
    apis.alterPartitionReassignmentsApi,
    { topics: [{ topic: 't', partitionAssignment: [{ partition: 0, replicas: [1, 2] }] }] },
    {
      ...ok,
      errorMessage: null,
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, errorCode: 39, errorMessage: 'no' }] }],
    },
  ),
  sample(
    apis.listPartitionReassignmentsApi,
    { topics: [{ topic: 't', partitions: [0] }] },
    {
      ...ok,
      errorMessage: null,
      topics: [
        {
          name: 't',
          partitions: [{ partitionIndex: 0, replicas: [1, 2], addingReplicas: [2], removingReplicas: [] }],
        },
      ],
    },
  ),
];
