/** The APIs of consumer groups. */
import { randomUUID } from 'node:crypto';
import { GROUP_TOPIC, GroupState, metadataOf, TXN_TOPIC } from '@menagerie/kafka-core';
import {
  CoordinatorType,
  deleteGroupsApi,
  describeGroupsApi,
  ErrorCode,
  findCoordinatorApi,
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  listGroupsApi,
  NO_AUTHORIZED_OPERATIONS,
  offsetCommitApi,
  offsetDeleteApi,
  offsetFetchApi,
  syncGroupApi,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import type { GroupEntry } from '../group/group-entry.js';
import { errorCodeOf } from './errors.js';
import type { Router } from './router.js';

/** From this version on a new member is first told its id (KIP-394). */
const MEMBER_ID_REQUIRED_SINCE = 4;

export function routeGroups(router: Router, parts: BrokerParts): void {
  const { groups } = parts;
  routeFindCoordinator(router, parts);
  routeOffsets(router, parts);

  router.on(joinGroupApi, async (request, { header, connection }) => {
    const { sessionTimeoutMs, rebalanceTimeoutMs, memberId, groupInstanceId } = request;
    const answer = await groups.join(request.groupId, {
      memberId,
      groupInstanceId,
      requireKnownMemberId: header.apiVersion >= MEMBER_ID_REQUIRED_SINCE && groupInstanceId === null,
      newMemberId: `${groupInstanceId ?? header.clientId ?? ''}-${randomUUID()}`,
      clientId: header.clientId ?? '',
      clientHost: connection.clientHost,
      sessionTimeoutMs,
      rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
      protocolType: request.protocolType,
      protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
    });
    return { throttleTimeMs: 0, ...answer };
  });

  router.on(syncGroupApi, async ({ groupId, generationId, memberId, groupInstanceId, assignments }) => {
    const copies = assignments.map((each) => ({ ...each, assignment: Buffer.from(each.assignment) }));
    const answer = await groups.sync(groupId, { memberId, groupInstanceId, generationId, assignments: copies });
    return { throttleTimeMs: 0, ...answer };
  });

  router.on(heartbeatApi, ({ groupId, generationId, memberId, groupInstanceId }) => ({
    throttleTimeMs: 0,
    errorCode: groups.heartbeat(groupId, { memberId, groupInstanceId }, generationId),
  }));

  router.on(leaveGroupApi, ({ groupId, memberId, members }, { header }) => {
    if (header.apiVersion < 3) {
      const errorCode = groups.leave(groupId, { memberId, groupInstanceId: null });
      return { throttleTimeMs: 0, errorCode, members: [] };
    }
    const left = members.map((member) => ({ ...member, errorCode: groups.leave(groupId, member) }));
    const notHere = left.find(({ errorCode }) => isAboutCoordinator(errorCode));
    return { throttleTimeMs: 0, errorCode: notHere?.errorCode ?? ErrorCode.NONE, members: left };
  });

  router.on(describeGroupsApi, ({ groups: ids }) => ({
    throttleTimeMs: 0,
    groups: ids.map((groupId) => {
      const { errorCode, shard } = groups.shardOf(groupId);
      return describe(groupId, errorCode, shard?.groups.get(groupId));
    }),
  }));

  router.on(listGroupsApi, () => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.NONE,
    groups: groups.all.map(({ group }) => ({ groupId: group.groupId, protocolType: group.protocolType })),
  }));

  router.on(deleteGroupsApi, async ({ groupsNames }) => ({
    throttleTimeMs: 0,
    results: await Promise.all(
      groupsNames.map(async (groupId) => {
        const { errorCode, shard } = groups.shardOf(groupId);
        return { groupId, errorCode: shard === null ? errorCode : await shard.deleteGroup(groupId) };
      }),
    ),
  }));
}

const isAboutCoordinator = (errorCode: ErrorCode) =>
  errorCode === ErrorCode.NOT_COORDINATOR ||
  errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS ||
  errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
  errorCode === ErrorCode.INVALID_GROUP_ID;

/** A group that nobody knows is Dead, and that is no error. */
function describe(groupId: string, errorCode: ErrorCode, entry: GroupEntry | undefined) {
  const group = entry?.group;
  const unknown = errorCode === ErrorCode.NONE ? GroupState.dead : '';
  const protocolData = group?.state === GroupState.stable ? (group.protocolName ?? '') : '';
  return {
    errorCode,
    groupId,
    groupState: group?.state ?? unknown,
    protocolType: group?.protocolType ?? '',
    protocolData,
    members: (group?.members ?? []).map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.groupInstanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: protocolData === '' ? Buffer.alloc(0) : metadataOf(member, protocolData),
      memberAssignment: member.assignment,
    })),
    authorizedOperations: NO_AUTHORIZED_OPERATIONS,
  };
}

function routeFindCoordinator(router: Router, parts: BrokerParts): void {
  router.on(findCoordinatorApi, async ({ key, keyType }, { connection }) => {
    const topic = keyType === CoordinatorType.transaction ? TXN_TOPIC : GROUP_TOPIC;
    const none = { throttleTimeMs: 0, errorMessage: null, nodeId: -1, host: '', port: -1 };
    if (parts.cache.partitions(topic) === undefined) {
      try {
        await parts.topicAdmin.autoCreate(topic);
      } catch (error) {
        // Too few brokers, most likely: the client asks again until there are enough.
        parts.logger.debug({ err: error, topic, code: errorCodeOf(error, parts.logger) }, 'not made yet');
      }
      return { ...none, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE };
    }
    const partition = topic === GROUP_TOPIC ? parts.groups.partitionOf(key) : parts.transactions.partitionOf(key);
    const leader = parts.cache.partition({ topic, partition })?.leader ?? -1;
    const endpoint = parts.cache.broker(leader)?.endpoints.find(({ listener }) => listener === connection.listener);
    if (endpoint === undefined) return { ...none, errorCode: ErrorCode.COORDINATOR_NOT_AVAILABLE };
    return { ...none, errorCode: ErrorCode.NONE, nodeId: leader, host: endpoint.host, port: endpoint.port };
  });
}

function routeOffsets(router: Router, parts: BrokerParts): void {
  const { groups } = parts;
  const maxMetadataBytes = parts.config.settings['offset.metadata.max.bytes'];

  router.on(offsetCommitApi, async (request) => {
    const { groupId, generationId, memberId, groupInstanceId } = request;
    const nowMs = Date.now();
    const errors = new Map<string, ErrorCode>();
    const offsets = request.topics.flatMap(({ name, partitions }) =>
      partitions.flatMap((each) => {
        const at = { topic: name, partition: each.partitionIndex };
        const metadata = each.committedMetadata ?? '';
        const fault = faultOf(at, metadata);
        if (fault !== ErrorCode.NONE) errors.set(`${name}/${each.partitionIndex}`, fault);
        const committed = {
          offset: each.committedOffset,
          leaderEpoch: each.committedLeaderEpoch,
          metadata,
          commitTimestampMs: nowMs,
        };
        return fault === ErrorCode.NONE ? [{ ...at, committed }] : [];
      }),
    );
    const errorCode =
      offsets.length === 0
        ? ErrorCode.NONE
        : await groups.commit(groupId, { memberId, groupInstanceId }, generationId, offsets);
    return {
      throttleTimeMs: 0,
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: errors.get(`${name}/${partitionIndex}`) ?? errorCode,
        })),
      })),
    };
  });

  const faultOf = (at: { readonly topic: string; readonly partition: number }, metadata: string): ErrorCode => {
    if (Buffer.byteLength(metadata) > maxMetadataBytes) return ErrorCode.OFFSET_METADATA_TOO_LARGE;
    return parts.cache.partition(at) === undefined ? ErrorCode.UNKNOWN_TOPIC_OR_PARTITION : ErrorCode.NONE;
  };

  router.on(offsetFetchApi, ({ groupId, topics }) => {
    const { errorCode, entry } = groups.offsets(groupId);
    const wanted = topics ?? committedTopics(entry);
    return {
      throttleTimeMs: 0,
      errorCode,
      topics: wanted.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partitionIndex) => {
          const committed = groups.committedAt(entry, { topic: name, partition: partitionIndex });
          return {
            partitionIndex,
            committedOffset: committed?.offset ?? -1,
            committedLeaderEpoch: committed?.leaderEpoch ?? -1,
            metadata: committed?.metadata ?? '',
            errorCode,
          };
        }),
      })),
    };
  });

  router.on(offsetDeleteApi, async ({ groupId, topics }) => {
    const { errorCode, shard } = groups.shardOf(groupId);
    const entry = shard?.groups.get(groupId);
    const none = { throttleTimeMs: 0, topics: [] };
    if (shard === null) return { ...none, errorCode };
    if (entry === undefined) return { ...none, errorCode: ErrorCode.GROUP_ID_NOT_FOUND };
    if (entry.group.state !== GroupState.empty) return { ...none, errorCode: ErrorCode.NON_EMPTY_GROUP };
    const named = topics.flatMap(({ name, partitions }) =>
      partitions.map(({ partitionIndex }) => ({ topic: name, partition: partitionIndex })),
    );
    const result = await shard.forgetOffsets(entry, named);
    return {
      throttleTimeMs: 0,
      errorCode: ErrorCode.NONE,
      topics: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: result })),
      })),
    };
  });
}

function committedTopics(entry: GroupEntry | null): readonly { name: string; partitionIndexes: readonly number[] }[] {
  const topics = new Map<string, number[]>();
  for (const { topic, partition } of entry?.all ?? []) topics.set(topic, [...(topics.get(topic) ?? []), partition]);
  return [...topics].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
}
