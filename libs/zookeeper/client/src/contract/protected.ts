/** Creations of which exactly one stands, and deletions that do not give up. */
import { expect, it } from 'vitest';
import { CreateMode, OpCode } from '@menagerie/zookeeper-protocol';
import { digestId } from '../digest-id.js';
import { contractGroup, outcomeOf, type ContractSetup } from './setup.js';

const creates: readonly (number | null)[] = [OpCode.create, OpCode.create2];

export function protectedContract(setup: ContractSetup): void {
  contractGroup(setup, 'protected creates and guaranteed deletes', 1, (bench) => {
    it('makes one node and finds it again when the answer was lost', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      const lost = link.dropNextReply(({ opCode }) => creates.includes(opCode));
      const made = await client.createProtected(`${root}/lock-`, 'me');
      await lost;
      const { children } = await client.getChildren(root);
      expect(children).toEqual([made.path.slice(root.length + 1)]);
      expect(children[0]).toBe(`_c_${made.mark}-lock-0000000000`);
      expect(made.stat).toMatchObject({ ephemeralOwner: client.session!.id });
    });

    it('leaves no node of a session that ended between the creation and its answer', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const observer = await bench.connect();
      const root = await bench.root(observer);
      const { id, password } = client.session!;
      const lost = link.dropNextReply(({ opCode }) => creates.includes(opCode)).then(() => link.cut());
      const making = client.createProtected(`${root}/lock-`, 'me');
      await lost;
      await bench.ensemble.expireSession(id, password);
      link.heal();
      const { path, stat } = await making;
      expect(stat.ephemeralOwner).toBe(client.session!.id);
      expect(stat.ephemeralOwner).not.toBe(id);
      await observer.sync(root);
      expect((await observer.getChildren(root)).children).toEqual([path.slice(root.length + 1)]);
    });

    it('makes what is missing above the node, if asked to', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      const path = `${root}/a/b/member-`;
      expect(await outcomeOf(client.createProtected(path))).toMatchObject({ code: 'ZK_NO_NODE' });
      const made = await client.createProtected(path, '', {
        makeParents: true,
        mode: CreateMode.persistent,
        mark: 'm',
      });
      expect(made.path).toBe(`${root}/a/b/_c_m-member-`);
      await client.deleteProtected(`${root}/a/b`, 'm');
      expect((await client.getChildren(`${root}/a/b`)).children).toEqual([]);
      await client.deleteProtected(`${root}/absent`, 'm');
    });

    it('deletes through a lost answer, and is content when nothing is there', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const root = await bench.root(client);
      await client.create(`${root}/node`);
      const lost = link.dropNextReply(({ opCode }) => opCode === OpCode.delete);
      await client.deleteGuaranteed(`${root}/node`);
      await lost;
      expect(await client.exists(`${root}/node`)).toBeNull();
      await client.deleteGuaranteed(`${root}/node`);
    });

    it('deletes a lasting node through the loss of its session', async () => {
      const link = await bench.link();
      const client = await bench.connect({ connect: link.address });
      const observer = await bench.connect();
      const root = await bench.root(observer);
      await observer.create(`${root}/node`);
      link.cut();
      await bench.waitForState(client, 'suspended');
      const { id, password } = client.session!;
      const deleting = client.deleteGuaranteed(`${root}/node`);
      await bench.ensemble.expireSession(id, password);
      link.heal();
      await deleting;
      await observer.sync(root);
      expect(await observer.exists(`${root}/node`)).toBeNull();
    });

    it('leaves alone what others have made at the path after a deletion whose answer was lost', async () => {
      const link = await bench.link();
      const [client, other] = await Promise.all([bench.connect({ connect: link.address }), bench.connect()]);
      const root = await bench.root(client);
      await client.create(`${root}/node`);
      const { czxid } = (await client.exists(`${root}/node`))!;
      const lost = link.dropNextReply(({ opCode }) => opCode === OpCode.delete).then(() => link.cut());
      const deleting = client.deleteGuaranteed(`${root}/node`, { czxid });
      await lost;
      await other.create(`${root}/node`, 'of another');
      link.heal();
      await deleting;
      expect((await other.getData(`${root}/node`)).data.toString()).toBe('of another');
    });

    it('gives up a deletion that can never be: no permission, aborted', async () => {
      const [owner, stranger] = await Promise.all([bench.connect(), bench.connect()]);
      const root = await bench.root(owner);
      await owner.addAuth('digest', 'owner:x');
      await owner.create(`${root}/node`);
      await owner.setAcl(root, [{ perms: 31, id: digestId('owner:x') }]);
      expect(await outcomeOf(stranger.deleteGuaranteed(`${root}/node`))).toMatchObject({ code: 'ZK_NO_AUTH' });
      const signal = AbortSignal.abort();
      const aborted = await outcomeOf(owner.deleteGuaranteed(`${root}/node`, { signal }));
      expect(aborted).toMatchObject({ code: 'ZK_ABORTED', outcome: 'not-done' });
    });
  });
}
