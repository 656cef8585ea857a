/** Who may do what with which resource (AclAuthorizer.scala, KIP-290): rules and the decision, no ZooKeeper. */

/** A closed set of names with their numbers on the wire. */
export const ResourceType = { any: 1, Topic: 2, Group: 3, Cluster: 4, TransactionalId: 5, DelegationToken: 6 } as const;
export type ResourceTypeName = Exclude<keyof typeof ResourceType, 'any'>;

export const Operation = {
  any: 1,
  All: 2,
  Read: 3,
  Write: 4,
  Create: 5,
  Delete: 6,
  Alter: 7,
  Describe: 8,
  ClusterAction: 9,
  DescribeConfigs: 10,
  AlterConfigs: 11,
  IdempotentWrite: 12,
} as const;
export type OperationName = Exclude<keyof typeof Operation, 'any'>;

export const Permission = { any: 1, Deny: 2, Allow: 3 } as const;
export type PermissionName = Exclude<keyof typeof Permission, 'any'>;

export const Pattern = { any: 1, match: 2, literal: 3, prefixed: 4 } as const;
export type PatternName = 'literal' | 'prefixed';

export const CLUSTER_RESOURCE = 'kafka-cluster';
/** As a literal name: every resource of its type. */
export const WILDCARD = '*';
const EVERYBODY = 'User:*';

export interface ResourcePattern {
  readonly type: ResourceTypeName;
  readonly name: string;
  readonly pattern: PatternName;
}

export interface AccessRule {
  /** `User:alice`; `User:*` is everybody. */
  readonly principal: string;
  readonly permission: PermissionName;
  readonly operation: OperationName;
  /** An address without a name; `*` is everywhere. */
  readonly host: string;
}

export interface AclBinding extends ResourcePattern, AccessRule {}

export interface Access {
  readonly principal: string;
  readonly host: string;
  readonly operation: OperationName;
  readonly type: ResourceTypeName;
  readonly name: string;
}

/** Whoever may do one of these may do that too. */
const impliedBy: Partial<Record<OperationName, readonly OperationName[]>> = {
  Describe: ['Read', 'Write', 'Delete', 'Alter'],
  DescribeConfigs: ['AlterConfigs'],
};

export const covers = ({ type, name, pattern }: ResourcePattern, of: Pick<Access, 'type' | 'name'>): boolean =>
  type === of.type && (pattern === 'prefixed' ? of.name.startsWith(name) : name === WILDCARD || name === of.name);

/**
 * A rule that denies wins over all that allow. Null when no rule is about the resource at all: then it is for
 * `allow.everyone.if.no.acl.found` to say.
 */
export function decide(bindings: Iterable<AclBinding>, access: Access): boolean | null {
  const about = [...bindings].filter((binding) => covers(binding, access));
  if (about.length === 0) return null;
  const mine = about.filter(
    ({ principal, host }) =>
      (principal === access.principal || principal === EVERYBODY) && (host === WILDCARD || host === access.host),
  );
  const has = (permission: PermissionName, operations: readonly OperationName[]) =>
    mine.some(
      (each) => each.permission === permission && (each.operation === 'All' || operations.includes(each.operation)),
    );
  if (has('Deny', [access.operation])) return false;
  return has('Allow', [access.operation, ...(impliedBy[access.operation] ?? [])]);
}

/** What Describe and Delete ask for; null is "whatever". */
export interface AclFilter {
  readonly type: ResourceTypeName | null;
  readonly name: string | null;
  /** `match`: every pattern that covers the name. */
  readonly pattern: PatternName | 'match' | null;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: OperationName | null;
  readonly permission: PermissionName | null;
}

export function matches(filter: AclFilter, binding: AclBinding): boolean {
  const same = <K extends 'type' | 'principal' | 'host' | 'operation' | 'permission'>(key: K) =>
    filter[key] === null || filter[key] === binding[key];
  if (!['type', 'principal', 'host', 'operation', 'permission'].every((key) => same(key as 'type'))) return false;
  if (filter.pattern === 'match') {
    return filter.name === null || covers(binding, { type: binding.type, name: filter.name });
  }
  return (
    (filter.pattern === null || filter.pattern === binding.pattern) &&
    (filter.name === null || filter.name === binding.name)
  );
}
