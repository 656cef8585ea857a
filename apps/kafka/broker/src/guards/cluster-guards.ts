/** Guards of the cluster itself: configs, reassignments, elections, rules, and what only brokers say to each other. */
import {
  alterConfigsApi,
  alterPartitionReassignmentsApi,
  ConfigResourceType,
  controlledShutdownApi,
  createAclsApi,
  deleteAclsApi,
  describeAclsApi,
  describeConfigsApi,
  electLeadersApi,
  ErrorCode,
  incrementalAlterConfigsApi,
  leaderAndIsrApi,
  listPartitionReassignmentsApi,
  stopReplicaApi,
  updateMetadataApi,
  writeTxnMarkersApi,
} from '@menagerie/kafka-protocol';
import type { OperationName } from '@menagerie/kafka-core';

import { closeConnection, type Guard, type Guards, type May, mayCluster, then } from './guard.js';

const CLUSTER = ErrorCode.CLUSTER_AUTHORIZATION_FAILED;
const errorMessage = 'Authorization failed.';
const throttleTimeMs = 0;

interface Resource {
  readonly resourceType: number;
  readonly resourceName: string;
}
const isTopic = ({ resourceType }: Resource) => resourceType === ConfigResourceType.topic;
const mayResource = (may: May, operation: OperationName) => (resource: Resource) =>
  isTopic(resource) ? may(operation, 'Topic', resource.resourceName) : mayCluster(may, operation);
const refusalOf = (resource: Resource) => ({
  errorCode: isTopic(resource) ? ErrorCode.TOPIC_AUTHORIZATION_FAILED : CLUSTER,
  errorMessage,
  resourceType: resource.resourceType,
  resourceName: resource.resourceName,
});

export function guardCluster(guards: Guards): void {
  const needs =
    <Q, R>(operation: OperationName, refused: (request: Q) => NoInfer<R>): Guard<Q, R> =>
    (request, may, next) =>
      mayCluster(may, operation) ? next(request) : refused(request);
  guards
    .on(describeConfigsApi, (request, may, next) => {
      const allowed = mayResource(may, 'DescribeConfigs');
      return then(next({ ...request, resources: request.resources.filter(allowed) }), (response) => ({
        ...response,
        results: [
          ...response.results,
          ...request.resources.filter((each) => !allowed(each)).map((each) => ({ ...refusalOf(each), configs: [] })),
        ],
      }));
    })
    .on(alterConfigsApi, (request, may, next) => {
      const allowed = mayResource(may, 'AlterConfigs');
      return then(next({ ...request, resources: request.resources.filter(allowed) }), (response) => ({
        ...response,
        responses: [...response.responses, ...request.resources.filter((each) => !allowed(each)).map(refusalOf)],
      }));
    })
    .on(incrementalAlterConfigsApi, (request, may, next) => {
      const allowed = mayResource(may, 'AlterConfigs');
      return then(next({ ...request, resources: request.resources.filter(allowed) }), (response) => ({
        ...response,
        responses: [...response.responses, ...request.resources.filter((each) => !allowed(each)).map(refusalOf)],
      }));
    })
    .on(
      electLeadersApi,
      needs('Alter', () => ({ throttleTimeMs, errorCode: CLUSTER, topics: [] })),
    )
    .on(
      alterPartitionReassignmentsApi,
      needs('Alter', () => ({ throttleTimeMs, errorCode: CLUSTER, errorMessage, topics: [] })),
    )
    .on(
      listPartitionReassignmentsApi,
      needs('Describe', () => ({ throttleTimeMs, errorCode: CLUSTER, errorMessage, topics: [] })),
    )
    .on(
      describeAclsApi,
      needs('Describe', () => ({ throttleTimeMs, errorCode: CLUSTER, errorMessage, resources: [] })),
    )
    .on(
      createAclsApi,
      needs('Alter', ({ creations }) => ({
        throttleTimeMs,
        results: creations.map(() => ({ errorCode: CLUSTER, errorMessage })),
      })),
    )
    .on(
      deleteAclsApi,
      needs('Alter', ({ filters }) => ({
        throttleTimeMs,
        filterResults: filters.map(() => ({ errorCode: CLUSTER, errorMessage, matchingAcls: [] })),
      })),
    )
    .on(
      leaderAndIsrApi,
      needs('ClusterAction', () => ({ errorCode: CLUSTER, partitionErrors: [] })),
    )
    .on(
      stopReplicaApi,
      needs('ClusterAction', () => ({ errorCode: CLUSTER, partitionErrors: [] })),
    )
    .on(
      updateMetadataApi,
      needs('ClusterAction', () => ({ errorCode: CLUSTER })),
    )
    .on(
      controlledShutdownApi,
      needs('ClusterAction', () => ({ errorCode: CLUSTER, remainingPartitions: [] })),
    )
    .on(
      writeTxnMarkersApi,
      needs('ClusterAction', () => closeConnection('transaction markers')),
    );
}
