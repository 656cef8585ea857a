import { describe, expect, it } from 'vitest';

import { allProcesses, menagerie, parseSettings, plan } from '@menagerie/topology';

import type { PlatformStatus } from './status/model.js';
import { holderOf, resolveTarget, Role } from './targets.js';

const status = {
  ensemble: [
    { id: 'zk1', address: '', role: 'follower' },
    { id: 'zk2', address: '', role: 'leader' },
    { id: 'zk3', address: '' },
  ],
  yarn: {
    resourceManagers: [
      { id: 'rm1', url: '', haState: 'STANDBY' },
      { id: 'rm2', url: '', haState: 'ACTIVE' },
    ],
    nodeManagers: [],
  },
  kafka: {
    brokers: [
      { id: 'kafka1', address: '' },
      { id: 'kafka2', address: '', controllerEpoch: 3 },
    ],
  },
  logs: { leader: 'allocator2', processes: [] },
} as unknown as PlatformStatus;

describe('a target', () => {
  it.each([
    [Role.leader, 'zk2'],
    [Role.follower, 'zk1'],
    [Role.activeRm, 'rm2'],
    [Role.standbyRm, 'rm1'],
    [Role.kafkaController, 'kafka2'],
    [Role.logAllocator, 'allocator2'],
  ])('%s is %s', (role, id) => {
    expect(holderOf(status, role)).toBe(id);
  });

  it('may be a role that nobody has', () => {
    expect(holderOf({ ...status, ensemble: [] }, Role.leader)).toBeUndefined();
  });

  it('that is neither a process nor a role is answered with all there are', async () => {
    const running = plan(menagerie, parseSettings('/', {}));
    expect(await resolveTarget(running, 'nm2')).toBe('nm2');
    const all = [...allProcesses(running).map(({ id }) => id), ...Object.values(Role)].join(', ');
    await expect(resolveTarget(running, 'nm9')).rejects.toThrow(`expected a target (${all}), got "nm9"`);
  });
});
