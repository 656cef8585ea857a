import { describe, expect, it } from 'vitest';

import { type AclBinding, type AclFilter, decide, matches } from './acl.js';
import { aclPath, decodeRules, encodeAclChange, encodeRules } from './acl-nodes.js';

const rule = (over: Partial<AclBinding>): AclBinding => ({
  type: 'Topic',
  name: 't',
  pattern: 'literal',
  principal: 'User:alice',
  host: '*',
  operation: 'Read',
  permission: 'Allow',
  ...over,
});
const may = (rules: readonly AclBinding[], over = {}) =>
  decide(rules, { principal: 'User:alice', host: '127.0.0.1', operation: 'Read', type: 'Topic', name: 't', ...over });

describe('what is allowed', () => {
  it('is nobody’s business where no rule is about the resource', () => {
    expect(may([])).toBeNull();
    expect(
      may([rule({ name: 'other' }), rule({ type: 'Group' }), rule({ name: 'tt', pattern: 'prefixed' })]),
    ).toBeNull();
  });

  it('is what a rule says, for whom, where and what it says it', () => {
    expect(may([rule({})])).toBe(true);
    expect(may([rule({})], { principal: 'User:bob' })).toBe(false);
    expect(may([rule({})], { operation: 'Write' })).toBe(false);
    expect(may([rule({ host: '10.0.0.1' })])).toBe(false);
    expect(may([rule({ principal: 'User:*' })], { principal: 'User:bob' })).toBe(true);
    expect(may([rule({ operation: 'All' })], { operation: 'Delete' })).toBe(true);
    expect(may([rule({ name: '*' })], { name: 'anything' })).toBe(true);
    expect(may([rule({ name: 'pre', pattern: 'prefixed' })], { name: 'prefix' })).toBe(true);
  });

  it('is denied by one rule whatever others allow', () => {
    const denied = rule({ permission: 'Deny', principal: 'User:*', name: '', pattern: 'prefixed' });
    expect(may([rule({}), rule({ operation: 'All' }), denied])).toBe(false);
  });

  it('may be looked at by whoever may read, write, delete or alter it', () => {
    for (const operation of ['Read', 'Write', 'Delete', 'Alter'] as const) {
      expect(may([rule({ operation })], { operation: 'Describe' })).toBe(true);
    }
    expect(may([rule({ operation: 'AlterConfigs' })], { operation: 'DescribeConfigs' })).toBe(true);
    expect(may([rule({ operation: 'Describe' })])).toBe(false);
    // A denied Read is not a denied Describe.
    expect(may([rule({ permission: 'Deny' }), rule({ operation: 'Write' })], { operation: 'Describe' })).toBe(true);
  });
});

describe('a filter', () => {
  const all: AclFilter = {
    type: null,
    name: null,
    pattern: null,
    principal: null,
    host: null,
    operation: null,
    permission: null,
  };

  it('takes what it names, and by "match" every pattern that covers a name', () => {
    const prefixed = rule({ name: 'pre', pattern: 'prefixed' });
    expect(matches(all, prefixed)).toBe(true);
    expect(matches({ ...all, name: 'prefix' }, prefixed)).toBe(false);
    expect(matches({ ...all, name: 'prefix', pattern: 'match' }, prefixed)).toBe(true);
    expect(matches({ ...all, principal: 'User:bob' }, prefixed)).toBe(false);
    expect(matches({ ...all, name: 'x', pattern: 'match' }, rule({ name: '*' }))).toBe(true);
    expect(matches({ ...all, pattern: 'literal' }, prefixed)).toBe(false);
  });
});

it('stands in Kafka’s znodes', () => {
  expect(aclPath(rule({}))).toBe('/kafka-acl/Topic/t');
  expect(aclPath(rule({ pattern: 'prefixed' }))).toBe('/kafka-acl-extended/prefixed/Topic/t');
  expect(encodeRules([rule({})]).toString()).toBe(
    '{"version":1,"acls":[{"principal":"User:alice","permissionType":"Allow","operation":"Read","host":"*"}]}',
  );
  expect(decodeRules('/p', encodeRules([rule({})]))).toEqual([
    { principal: 'User:alice', permission: 'Allow', operation: 'Read', host: '*' },
  ]);
  expect(encodeAclChange(rule({})).toString()).toBe('Topic:t');
  expect(() => decodeRules('/p', Buffer.from('{"acls":[{"permissionType":"Maybe","operation":"Read"}]}'))).toThrow(
    '/p',
  );
});
