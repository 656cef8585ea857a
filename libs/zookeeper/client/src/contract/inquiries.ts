/** What a client can ask about itself and about the ensemble. */
import { expect, it } from 'vitest';
import { CreateMode } from '@menagerie/zookeeper-protocol';
import { contractGroup, itNeeds, outcomeOf, type ContractSetup } from './setup.js';

export function inquiriesContract(setup: ContractSetup): void {
  contractGroup(setup, 'inquiries', 1, (bench) => {
    itNeeds(setup, 'inquiries', 'says who the server takes us for, without secrets', async () => {
      const client = await bench.connect({ auth: [{ scheme: 'digest', credentials: 'ann:secret' }] });
      const identities = await client.whoAmI();
      expect(identities).toContainEqual({ scheme: 'digest', user: 'ann' });
      expect(JSON.stringify(identities)).not.toContain('secret');
    });

    itNeeds(setup, 'inquiries', 'lists the ephemeral nodes of this session only, without the chroot', async () => {
      const observer = await bench.connect();
      const root = await bench.root(observer);
      const client = await bench.connect({ connect: `${bench.ensemble.connectString}${root}` });
      await observer.create(`${root}/other`, '', { mode: CreateMode.ephemeral });
      await client.create('/mine-1', '', { mode: CreateMode.ephemeral });
      await client.create('/mine-2', '', { mode: CreateMode.ephemeral });
      await client.create('/lasting');
      expect([...(await client.getEphemerals())].sort()).toEqual(['/mine-1', '/mine-2']);
      expect(await client.getEphemerals('/mine-2')).toEqual(['/mine-2']);
    });

    itNeeds(setup, 'inquiries', 'counts all nodes below one', async () => {
      const client = await bench.connect();
      const root = await bench.root(client);
      await client.mkdirp(`${root}/a/b/c`);
      await client.create(`${root}/d`);
      expect(await client.getAllChildrenNumber(root)).toBe(4);
      expect(await outcomeOf(client.getAllChildrenNumber(`${root}/absent`))).toMatchObject({ code: 'ZK_NO_NODE' });
    });
  });

  contractGroup(setup, 'the ensemble about itself', 3, (bench) => {
    it('names its members with the addresses clients reach, below any chroot', async () => {
      const outside = await bench.connect();
      const root = await bench.root(outside);
      const client = await bench.connect({ connect: `${bench.ensemble.connectString}${root}` });
      const { members, text } = await client.getConfig();
      expect(members).toEqual(
        bench.ensemble.servers.map(({ id, host, clientPort }) => ({
          id,
          role: 'participant',
          clientAddress: `${host}:${clientPort}`,
        })),
      );
      expect(text).toContain('server.1=');
    });
  });
}
