import { encodeActiveRmInfo } from '@menagerie/yarn-protocol';
import { describe, expect, it } from 'vitest';
import { checkLockData, electionPaths } from './layout.js';

describe('the place of the election', () => {
  it('is where YARN has it', () => {
    expect(electionPaths('cluster1')).toEqual({
      parent: '/yarn-leader-election/cluster1',
      lock: '/yarn-leader-election/cluster1/ActiveStandbyElectorLock',
      breadcrumb: '/yarn-leader-election/cluster1/ActiveBreadCrumb',
    });
  });

  it('that belongs to another cluster is refused with both names', () => {
    const data = encodeActiveRmInfo({ clusterId: 'theirs', rmId: 'rm9' });
    expect(() => checkLockData(data, '/l', 'ours')).toThrow(
      '/l: expected a ResourceManager of cluster ours, got rm9 of cluster theirs',
    );
    expect(checkLockData(data, '/l', 'theirs').rmId).toBe('rm9');
  });
});
