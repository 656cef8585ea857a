import { describe, expect, it } from 'vitest';
import { ClockOutOfSyncError, YouAreDeadError } from '../errors.js';
import { ServerManager } from './server-manager.js';

const A1 = 'a,16020,100';
const A2 = 'a,16020,200';
const B1 = 'b,16020,100';

describe('the master’s view of region servers', () => {
  it('a missing node is a death, however many notifications were missed', () => {
    const servers = new ServerManager();
    expect(servers.listed([A1, B1])).toEqual({ died: [], joined: [A1, B1] });
    expect(servers.listed([])).toEqual({ died: [A1, B1], joined: [] });
    expect(servers.listed([])).toEqual({ died: [], joined: [] });
  });

  it('one that has reported, and whose node is on its way, is not dead', () => {
    const servers = new ServerManager();
    expect(servers.report({ server: A1, clockMs: 0 }, 0).joined).toEqual([A1]);
    expect(servers.listed([])).toEqual({ died: [], joined: [] });
    expect(servers.listed([A1]).died).toEqual([]);
    expect(servers.listed([]).died).toEqual([A1]);
  });

  it('the same address with a later start buries the earlier one at once (HBASE-5916)', () => {
    const servers = new ServerManager();
    servers.listed([A1, B1]);
    expect(servers.report({ server: A2, clockMs: 0 }, 0)).toEqual({ died: [A1], joined: [A2], skewWarning: false });
    // The node of before is there until its session ends, and is nobody's.
    expect(servers.listed([A1, A2, B1])).toEqual({ died: [], joined: [] });
    expect(() => servers.report({ server: A1, clockMs: 0 }, 0)).toThrow(YouAreDeadError);
  });

  it('an earlier start that reports late is told that it is dead', () => {
    const servers = new ServerManager();
    servers.report({ server: A2, clockMs: 0 }, 0);
    expect(() => servers.report({ server: A1, clockMs: 0 }, 0)).toThrow('a,16020,100: expected a server that lives');
  });

  it('a clock that is more than 30 s off is refused, 10 s are a warning', () => {
    const servers = new ServerManager();
    expect(servers.report({ server: A1, clockMs: 10_001 }, 0).skewWarning).toBe(true);
    expect(() => servers.report({ server: B1, clockMs: 0 }, 30_001)).toThrow(ClockOutOfSyncError);
    expect(servers.servers).toEqual([A1]);
  });

  it('one that drains lives, and gets nothing', () => {
    const servers = new ServerManager();
    servers.listed([A1, B1]);
    servers.drained([A1]);
    expect(servers.servers).toEqual([A1, B1]);
    expect(servers.assignable).toEqual([B1]);
    servers.drained([]);
    expect(servers.assignable).toEqual([A1, B1]);
  });
});
