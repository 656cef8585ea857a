/** DescribeAcls, CreateAcls, DeleteAcls: the rules themselves, at any broker. */
import {
  type AclBinding,
  type AclFilter,
  CLUSTER_RESOURCE,
  Operation,
  type OperationName,
  Pattern,
  Permission,
  ResourceType,
  type ResourceTypeName,
} from '@menagerie/kafka-core';
import {
  createAclsApi,
  deleteAclsApi,
  describeAclsApi,
  ErrorCode,
  KafkaAnswerError,
  type RequestOf,
} from '@menagerie/kafka-protocol';

import type { BrokerParts } from '../broker-parts.js';
import { errorCodeOf, errorMessageOf } from './errors.js';
import type { Router } from './router.js';

type WireFilter = RequestOf<typeof describeAclsApi>;
type WireBinding = RequestOf<typeof createAclsApi>['creations'][number];

const MAX_NAME = 1_024;

export function routeAcls(router: Router, parts: BrokerParts): void {
  const authorizer = () => {
    if (parts.authorizer !== null) return parts.authorizer;
    throw new KafkaAnswerError(ErrorCode.SECURITY_DISABLED, 'No Authorizer is configured on the broker');
  };
  const failure = (error: unknown) => ({
    errorCode: errorCodeOf(error, parts.logger),
    errorMessage: errorMessageOf(error),
  });

  router.on(describeAclsApi, (request) => {
    try {
      const found = authorizer().find(filterOf(request));
      const byResource = new Map<string, AclBinding[]>();
      for (const each of found) byResource.set(keyOf(each), [...(byResource.get(keyOf(each)) ?? []), each]);
      const resources = [...byResource.values()].map((bindings) => ({
        resourceType: ResourceType[bindings[0]!.type],
        resourceName: bindings[0]!.name,
        patternType: Pattern[bindings[0]!.pattern],
        acls: bindings.map(({ principal, host, operation, permission }) => ({
          principal,
          host,
          operation: Operation[operation],
          permissionType: Permission[permission],
        })),
      }));
      return { throttleTimeMs: 0, errorCode: ErrorCode.NONE, errorMessage: null, resources };
    } catch (error) {
      return { throttleTimeMs: 0, ...failure(error), resources: [] };
    }
  });

  router.on(createAclsApi, async ({ creations }) => {
    const results = [];
    for (const creation of creations) {
      try {
        await authorizer().add([bindingOf(creation)]);
        results.push({ errorCode: ErrorCode.NONE, errorMessage: null });
      } catch (error) {
        results.push(failure(error));
      }
    }
    return { throttleTimeMs: 0, results };
  });

  router.on(deleteAclsApi, async ({ filters }) => {
    const filterResults = [];
    for (const filter of filters) {
      try {
        const removed = await authorizer().remove(filterOf(filter));
        const matchingAcls = removed.map((each) => ({
          errorCode: ErrorCode.NONE,
          errorMessage: null,
          resourceType: ResourceType[each.type],
          resourceName: each.name,
          patternType: Pattern[each.pattern],
          principal: each.principal,
          host: each.host,
          operation: Operation[each.operation],
          permissionType: Permission[each.permission],
        }));
        filterResults.push({ errorCode: ErrorCode.NONE, errorMessage: null, matchingAcls });
      } catch (error) {
        filterResults.push({ ...failure(error), matchingAcls: [] });
      }
    }
    return { throttleTimeMs: 0, filterResults };
  });
}

const keyOf = ({ type, name, pattern }: AclBinding): string => `${type} ${pattern} ${name}`;

const invalid = (problem: string) => new KafkaAnswerError(ErrorCode.INVALID_REQUEST, problem);

/** The name of a number of one of the closed sets; null for "any". @throws KafkaAnswerError */
function nameOf<T extends Readonly<Record<string, number>>>(set: T, number: number): Exclude<keyof T, 'any'> | null {
  const [name] = Object.entries(set).find(([, each]) => each === number) ?? [];
  if (name === undefined) throw invalid(`expected one of ${Object.values(set).join(', ')}, got ${number}`);
  return name === 'any' ? null : (name as Exclude<keyof T, 'any'>);
}

function filterOf(filter: WireFilter): AclFilter {
  return {
    type: nameOf(ResourceType, filter.resourceType),
    name: filter.resourceName,
    pattern: nameOf(Pattern, filter.patternType),
    principal: filter.principal,
    host: filter.host,
    operation: nameOf(Operation, filter.operation),
    permission: nameOf(Permission, filter.permissionType),
  };
}

function bindingOf(creation: WireBinding): AclBinding {
  const type = nameOf(ResourceType, creation.resourceType) as ResourceTypeName | null;
  const pattern = nameOf(Pattern, creation.patternType);
  const operation = nameOf(Operation, creation.operation) as OperationName | null;
  const permission = nameOf(Permission, creation.permissionType);
  const { resourceName: name, principal, host } = creation;
  if (type === null || pattern === null || pattern === 'match' || operation === null || permission === null) {
    throw invalid('expected a resource, an operation and a permission, got "any" or "match"');
  }
  // A name is a node: what has a slash in it could be made anywhere below.
  if (name === '' || name.length > MAX_NAME || name.includes('/') || name === '.' || name === '..') {
    throw invalid('expected the name of a resource');
  }
  if (type === 'Cluster' && name !== CLUSTER_RESOURCE) throw invalid(`expected ${CLUSTER_RESOURCE}, got ${name}`);
  if (!/^[A-Za-z]+:.+$/s.test(principal) || principal.length > MAX_NAME)
    throw invalid('expected a principal, User:name');
  if (host === '' || host.length > MAX_NAME) throw invalid('expected a host or *');
  return { type, name, pattern, operation, permission, principal, host };
}
