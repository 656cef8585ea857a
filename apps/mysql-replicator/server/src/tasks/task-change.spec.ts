import { taskSchema } from '@menagerie/replicator-core';
import { describe, expect, it } from 'vitest';
import { edited } from './task-change.js';
import { defaultServerId } from './tasks.js';

const place = { host: 'a', port: 3306, database: 'shop', user: 'repl', password: 'x' };
const task = taskSchema.parse({ source: place, target: { ...place, host: 'b' }, tables: ['items'], serverId: 7 });

describe('an edited task', () => {
  it('keeps its copy when only names and passwords change', () => {
    const next = { ...task, source: { ...place, user: 'other' } };
    expect(edited(task, next, false)).toEqual({ next, mustInspect: true });
  });

  it('must be copied anew for a table more, or another database', () => {
    const more = { ...task, tables: ['items', 'orders'] };
    expect(() => edited(task, more, false)).toThrow('a table more');
    expect(edited(task, more, true).next.copy).toBe(2);
    expect(() => edited(task, { ...task, target: { ...place, host: 'c' } }, false)).toThrow('another database');
  });

  it('a stopped one is not looked at: its databases may be away', () => {
    expect(edited(task, { ...task, desired: 'STOP' }, false).mustInspect).toBe(false);
  });
});

it('the default server id is one that MariaDB takes, and the same each time', () => {
  for (const name of ['a', 'b', 'copy_hot_item']) {
    const id = defaultServerId({ group: null, name });
    expect(id).toBe(defaultServerId({ group: null, name }));
    expect(id).toBeGreaterThan(0x7fff_ffff);
    expect(id).toBeLessThan(0x1_0000_0000);
  }
});
