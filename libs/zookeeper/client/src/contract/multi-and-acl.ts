/** All or nothing, and who may do what. */
import { expect, it } from 'vitest';
import { CREATOR_ALL_ACL, CreateMode, OPEN_ACL, Perms } from '@menagerie/zookeeper-protocol';
import { digestId } from '../digest-id.js';
import { ZkMultiError, isAuthFailed, isNoAuth } from '../errors.js';
import { ZooKeeper } from '../zookeeper.js';
import { contractGroup, outcomeOf, recordStates, type ContractSetup } from './setup.js';

export function multiAndAclContract(setup: ContractSetup): void {
  contractGroup(setup, 'multi', 1, (bench) => {
    it('gives one result an operation, in order', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.create(`${root}/old`);
      const results = await client.multi([
        { kind: 'check', path: root },
        { kind: 'create', path: `${root}/n-`, data: 'new', mode: CreateMode.ephemeralSequential },
        { kind: 'set-data', path: root, data: 'changed', version: 0 },
        { kind: 'delete', path: `${root}/old`, version: 0 },
      ]);
      expect(results).toMatchObject([
        { kind: 'check' },
        { kind: 'create', path: `${root}/n-0000000001` },
        { kind: 'set-data', stat: { version: 1 } },
        { kind: 'delete' },
      ]);
      expect((await client.getChildren(root)).children).toEqual(['n-0000000001']);
    });

    it('does nothing if one operation is refused, and says which', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const error = await outcomeOf(
        client.multi([
          { kind: 'create', path: `${root}/a` },
          { kind: 'delete', path: `${root}/absent` },
          { kind: 'create', path: `${root}/b` },
        ]),
      );
      expect(error).toBeInstanceOf(ZkMultiError);
      expect(error).toMatchObject({
        code: 'ZK_NO_NODE',
        outcome: 'not-done',
        failedIndex: 1,
        path: `${root}/absent`,
        results: [
          { wireCode: 0, code: null },
          { wireCode: -101, code: 'ZK_NO_NODE' },
          { wireCode: -2, code: 'ZK_RUNTIME_INCONSISTENCY' },
        ],
      });
      expect((await client.getChildren(root)).children).toEqual([]);
    });

    it('takes version 0 for version 0, not for any version', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.setData(root, 'version 1');
      for (const op of [
        { kind: 'check', path: root, version: 0 },
        { kind: 'set-data', path: root, data: 'x', version: 0 },
        { kind: 'delete', path: root, version: 0 },
      ] as const) {
        await expect(client.multi([op])).rejects.toMatchObject({ code: 'ZK_BAD_VERSION', failedIndex: 0 });
      }
      expect((await client.getData(root)).data.toString()).toBe('version 1');
    });

    it('accepts a multi of nothing', async () => {
      const client = await bench.connect();
      expect(await client.multi([])).toEqual([]);
    });
  });

  contractGroup(setup, 'permissions', 1, (bench) => {
    it('shows and sets ACLs, guarded by their version', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      expect((await client.getAcl(root)).acl).toEqual(OPEN_ACL);
      const acl = [
        { perms: Perms.READ | Perms.ADMIN, id: { scheme: 'world', id: 'anyone' } },
        { perms: Perms.ALL, id: digestId('bob:secret') },
      ];
      expect(await client.setAcl(root, acl, { aclVersion: 0 })).toMatchObject({ aversion: 1 });
      expect(await client.getAcl(root)).toMatchObject({ acl, stat: { aversion: 1 } });
      await expect(client.setAcl(root, OPEN_ACL, { aclVersion: 0 })).rejects.toMatchObject({ code: 'ZK_BAD_VERSION' });
    });

    it('reads an ACL entry that permits nothing', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const acl = [
        { perms: 0, id: digestId('nobody:x') },
        { perms: Perms.ALL, id: { scheme: 'world', id: 'anyone' } },
      ];
      await client.create(`${root}/odd`, '', { acl });
      expect((await client.getAcl(`${root}/odd`)).acl).toEqual(acl);
    });

    it('lets in who has the digest and nobody else', async () => {
      const [owner, stranger] = await Promise.all([
        bench.connect({ auth: [{ scheme: 'digest', credentials: 'alice:secret' }] }),
        bench.connect(),
      ]);
      const root = await bench.root(owner);
      await owner.create(`${root}/private`, 'x', { acl: CREATOR_ALL_ACL });
      expect((await owner.getAcl(`${root}/private`)).acl).toEqual([{ perms: Perms.ALL, id: digestId('alice:secret') }]);

      expect(isNoAuth(await outcomeOf(stranger.getData(`${root}/private`)))).toBe(true);
      expect(isNoAuth(await outcomeOf(stranger.setData(`${root}/private`, 'y')))).toBe(true);
      await stranger.addAuth('digest', 'alice:secret');
      expect((await stranger.getData(`${root}/private`)).data.toString()).toBe('x');
    });

    it('shows its credentials again on every connection, before the calls that waited', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      await client.addAuth('digest', 'carol:secret');
      await client.create(`${root}/private`, 'x', { acl: CREATOR_ALL_ACL });

      link.cut();
      await bench.waitForState(client, 'suspended');
      const waiting = [client.setData(`${root}/private`, 'y'), client.getData(`${root}/private`)] as const;
      link.heal();
      await expect(waiting[0]).resolves.toMatchObject({ version: 1 });
      expect((await waiting[1]).data.toString()).toBe('y');
    });

    it('rejects connect when the credentials are refused', async () => {
      const options = { connect: bench.ensemble.connectString, sessionTimeoutMs: 10_000, driver: bench.driver };
      const auth = [{ scheme: 'no-such-scheme', credentials: 'x' }];
      const error = await outcomeOf(ZooKeeper.connect({ ...options, auth }));
      expect(isAuthFailed(error)).toBe(true);
      expect(error).toMatchObject({ code: 'ZK_AUTH_FAILED', retryable: false });
    });

    it('is closed by credentials that are refused later, and ends every call that waits for it', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const states = recordStates(client);
      const refused = outcomeOf(client.addAuth('no-such-scheme', 'x'));
      const behind = outcomeOf(client.setData(root, 'x'));
      expect(isAuthFailed(await refused)).toBe(true);
      await behind;
      await bench.waitForState(client, 'closed');
      expect(states).toMatchObject([{ state: 'closed', previous: 'connected', reason: 'auth-failed' }]);
      await expect(client.getData(root)).rejects.toMatchObject({ code: 'ZK_CLOSED' });
    });
  });
}
