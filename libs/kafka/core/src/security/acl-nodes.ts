/** Where rules stand: literal ones as before KIP-290, prefixed ones beside them, and the news of changes of each. */
import { encodeJson, JsonNode } from '../znodes/json.js';
import {
  type AccessRule,
  Operation,
  type OperationName,
  type PatternName,
  type PermissionName,
  type ResourcePattern,
  ResourceType,
  type ResourceTypeName,
} from './acl.js';

/** The folder of all rules of a kind of pattern; below it the types, below those the resources. */
export const aclRoot = (pattern: PatternName): string =>
  pattern === 'literal' ? '/kafka-acl' : `/kafka-acl-extended/${pattern}`;
export const aclChanges = (pattern: PatternName): string =>
  pattern === 'literal' ? '/kafka-acl-changes' : '/kafka-acl-extended-changes';
export const aclChangePrefix = (pattern: PatternName): string => `${aclChanges(pattern)}/acl_changes_`;
export const aclPath = ({ type, name, pattern }: ResourcePattern): string => `${aclRoot(pattern)}/${type}/${name}`;

export const ACL_PATTERNS: readonly PatternName[] = ['literal', 'prefixed'];
export const RESOURCE_TYPES = Object.keys(ResourceType).filter((name) => name !== 'any') as readonly ResourceTypeName[];
const operations = new Set(Object.keys(Operation).filter((name) => name !== 'any'));

export const encodeRules = (rules: readonly AccessRule[]): Buffer =>
  encodeJson({
    version: 1,
    acls: rules.map(({ principal, permission, operation, host }) => ({
      principal,
      permissionType: permission,
      operation,
      host,
    })),
  });

/** @throws ZnodeError */
export function decodeRules(path: string, data: Buffer): readonly AccessRule[] {
  return new JsonNode(path, data).objects('acls').map((json) => {
    const permission = json.text('permissionType');
    const operation = json.text('operation');
    if (permission !== 'Allow' && permission !== 'Deny') throw json.wrong('Allow or Deny in "permissionType"');
    if (!operations.has(operation)) throw json.wrong('an operation in "operation"');
    return {
      principal: json.text('principal'),
      permission: permission as PermissionName,
      operation: operation as OperationName,
      host: json.text('host'),
    };
  });
}

export const encodeAclChange = ({ type, name, pattern }: ResourcePattern): Buffer =>
  pattern === 'literal'
    ? Buffer.from(`${type}:${name}`)
    : encodeJson({ version: 1, resourceType: type, name, patternType: pattern });
