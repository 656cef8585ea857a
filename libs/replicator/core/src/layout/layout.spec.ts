import { expect, it } from 'vitest';
import { aTask } from '../__fixtures__/task.js';
import { parseTaskKey, replicatorPaths, taskKey } from './paths.js';
import { readPayload, withoutSecrets } from './payloads.js';

it('paths are those of the book', () => {
  const hot = parseTaskKey('copy_hot_item');
  expect(replicatorPaths.instance(hot, 'host1-0000000001')).toBe(
    '/mysql_replicator/tasks/copy_hot_item/instances/host1-0000000001',
  );
  const cold = parseTaskKey('night/items');
  expect(replicatorPaths.lastCommit(cold)).toBe('/mysql_replicator/task_groups/night/items/lastCommit');
  expect(taskKey(cold)).toBe('night/items');
});

it.each(['', 'a/b/c', '../x', 'a b', '/x'])('%j names no task', (text) => {
  expect(() => parseTaskKey(text)).toThrow(expect.objectContaining({ code: 'REPLICATOR_BAD_REQUEST' }));
});

it('what stands in a node is checked field by field, and never shown: it may hold a password', () => {
  const bad = { ...aTask(), tables: ['items', 'items'] };
  expect(() => readPayload.task(Buffer.from(JSON.stringify(bad)), '/t')).toThrow(
    '/t: tables: expected each table once',
  );
  expect(() => readPayload.task(Buffer.from('password=x'), '/t')).toThrow(
    '/t: expected JSON, got 10 bytes of another kind',
  );
});

it('a task is shown without its passwords', () => {
  expect(JSON.stringify(withoutSecrets(aTask()))).not.toContain('a-secret');
});
