import { OPEN_ACL, Perms } from '@menagerie/zookeeper-protocol';
import { describe, expect, it } from 'vitest';
import {
  adaptToRefusal,
  checkSize,
  DEFAULT_ZNODE_LIMIT_BYTES,
  fencedTransaction,
  spell,
} from './fenced-transaction.js';
import { StoreLayout } from './layout.js';
import { fencedRootAcl } from './root-acl.js';
import { StoreGate } from './store-gate.js';
import { checkLayout, nextEpoch } from './version.js';

const data = Buffer.from('x');

describe('the layout', () => {
  const application = 'application_1352994693343_0001';

  it('is that of ZKRMStateStore', () => {
    const layout = new StoreLayout();
    expect(layout.root).toBe('/rmstore/ZKRMStateRoot');
    expect(layout.application(application)).toEqual({
      path: `/rmstore/ZKRMStateRoot/RMAppRoot/${application}`,
      directory: null,
    });
    expect(StoreLayout.attempt(layout.application(application).path, 'appattempt_1352994693343_0001_000001')).toBe(
      `/rmstore/ZKRMStateRoot/RMAppRoot/${application}/appattempt_1352994693343_0001_000001`,
    );
    expect(layout.directories).toContain('/rmstore/ZKRMStateRoot/RMAppRoot/HIERARCHIES/4');
    expect(layout.directories).toContain('/rmstore/ZKRMStateRoot/RMDTSecretManagerRoot/RMDelegationTokensRoot/1');
  });

  it('makes parents before children', () => {
    const layout = new StoreLayout('/a/b');
    const made = new Set([layout.root]);
    for (const path of layout.directories) {
      expect(made).toContain(path.slice(0, path.lastIndexOf('/')));
      made.add(path);
    }
  });

  it('splits an application id by its last characters', () => {
    const directory = '/rmstore/ZKRMStateRoot/RMAppRoot/HIERARCHIES/2/application_1352994693343_00';
    expect(new StoreLayout('/rmstore', 2).application(application)).toEqual({ path: `${directory}/01`, directory });
  });

  it('knows applications and attempts among other nodes', () => {
    expect(StoreLayout.applicationNames(['HIERARCHIES', 'application_1_0002', 'application_1_0001'])).toEqual([
      'application_1_0001',
      'application_1_0002',
    ]);
    expect(StoreLayout.attemptNames(['appattempt_1_0001_000001', 'other'])).toEqual(['appattempt_1_0001_000001']);
  });

  it('refuses a parent that is no path', () => {
    expect(() => new StoreLayout('rmstore')).toThrow('state store: expected a path like /rmstore, got rmstore');
  });
});

describe('the fence', () => {
  it('takes create and delete from all and gives them to one', () => {
    const holder = { scheme: 'digest', id: '127.0.0.1:hash' };
    expect(fencedRootAcl(OPEN_ACL, holder)).toEqual([
      { perms: Perms.READ | Perms.WRITE | Perms.ADMIN, id: { scheme: 'world', id: 'anyone' } },
      { perms: Perms.CREATE | Perms.DELETE, id: holder },
    ]);
  });

  it('wraps every write', () => {
    const op = spell({ kind: 'put', path: '/r/a', data }, true, OPEN_ACL);
    expect(fencedTransaction('/r/LOCK', [op], OPEN_ACL)).toEqual([
      { kind: 'create', path: '/r/LOCK', data: Buffer.alloc(0), acl: OPEN_ACL },
      { kind: 'set-data', path: '/r/a', data },
      { kind: 'delete', path: '/r/LOCK' },
    ]);
  });
});

describe('a write whose reply was lost', () => {
  const create = spell({ kind: 'put', path: '/a', data }, false, OPEN_ACL);
  const remove = spell({ kind: 'remove', path: '/b' }, true, OPEN_ACL);

  it('overwrites what it may have created itself', () => {
    expect(adaptToRefusal([create, remove], 0, 'node-exists', OPEN_ACL)).toEqual([
      { kind: 'set-data', path: '/a', data },
      remove,
    ]);
  });

  it('leaves out what it may have deleted itself', () => {
    expect(adaptToRefusal([create, remove], 1, 'no-node', OPEN_ACL)).toEqual([create]);
  });

  it('creates what it only meant to change', () => {
    const set = spell({ kind: 'put', path: '/a', data }, true, OPEN_ACL);
    expect(adaptToRefusal([set], 0, 'no-node', OPEN_ACL)).toEqual([create]);
  });

  it('has no way round a missing parent', () => {
    expect(adaptToRefusal([create], 0, 'no-node', OPEN_ACL)).toBeNull();
    expect(adaptToRefusal([create], 1, 'node-exists', OPEN_ACL)).toBeNull();
  });
});

describe('a znode', () => {
  it('takes no more than fits into a request, and says how much that is', () => {
    const write = (size: number) => ({ kind: 'put', path: '/a', data: Buffer.alloc(size) }) as const;
    expect(() => checkSize(write(DEFAULT_ZNODE_LIMIT_BYTES), DEFAULT_ZNODE_LIMIT_BYTES)).not.toThrow();
    expect(() => checkSize(write(DEFAULT_ZNODE_LIMIT_BYTES + 1), DEFAULT_ZNODE_LIMIT_BYTES)).toThrow(
      '/a: expected at most 1040383 bytes for one znode, got 1040384',
    );
  });
});

describe('a store that was written by', () => {
  it('nobody gets our version', () => expect(checkLayout(null)).toBe('write'));
  it('another minor release is taken over', () => expect(checkLayout({ major: 1, minor: 1 })).toBe('write'));
  it('the same release is left alone', () => expect(checkLayout({ major: 1, minor: 5 })).toBe('keep'));
  it('another major release is refused', () => {
    expect(() => checkLayout({ major: 2, minor: 0 })).toThrow(
      expect.objectContaining({ code: 'YARN_VERSION_MISMATCH', message: expect.stringContaining('found 2.0') }),
    );
  });

  it('counts its starts from 0', () => {
    expect(nextEpoch(null)).toEqual({ epoch: 0, store: 1 });
    expect(nextEpoch(17)).toEqual({ epoch: 17, store: 18 });
  });
});

describe('the gate', () => {
  it('is shut once, by the first trouble', () => {
    const gate = new StoreGate();
    expect(gate.isOpen).toBe(true);
    expect(gate.shut('FENCED', 'NoAuth')).toBe(true);
    expect(gate.shut('FAILED', 'something else')).toBe(false);
    expect(gate).toMatchObject({ state: 'FENCED', reason: 'NoAuth', isOpen: false });
  });

  it('that was shut in order still says when the last write was refused', () => {
    const gate = new StoreGate();
    expect(gate.shut('CLOSED', null)).toBe(true);
    expect(gate.shut('FENCED', 'NoAuth')).toBe(false);
    expect(gate).toMatchObject({ state: 'FENCED', reason: 'NoAuth' });
  });
});
