/**
 * The instance nodes of one task. Their names are the book's, `<host>-<sequence>`, without room for a mark; so a create whose
 * answer was lost is found again by its owner: whatever stands there under our session and our name is ours.
 */
import { type Instance, replicatorPaths, type TaskRef } from '@menagerie/replicator-core';
import type { Access } from '@menagerie/replicator-nest';
import { CreateMode, isNoNode, isMaybeDone, type Stat, type ZooKeeperClient } from '@menagerie/zookeeper-client';

const MAX_ROUNDS = 100;

export interface InstanceNode {
  readonly name: string;
  /** Grows with each instance over the life of the ensemble. */
  readonly fence: bigint;
}

export class InstanceNodes {
  constructor(
    private readonly client: ZooKeeperClient,
    private readonly access: Access,
    private readonly host: string,
    readonly ref: TaskRef,
  ) {}

  /** @throws ZooKeeperError `ZK_NO_NODE` while there is no such task */
  async join(instance: Instance): Promise<InstanceNode> {
    for (let round = 1; ; round += 1) {
      const session = this.client.session?.id;
      const found = await this.ownNode(session);
      if (found !== null) return found;
      try {
        const path = replicatorPaths.instance(this.ref, `${this.host}-`);
        const options = { mode: CreateMode.ephemeralSequential, acl: this.access.readable };
        const made = await this.client.create(path, JSON.stringify(instance), options);
        const stat = made.stat ?? (await this.client.exists(made.path));
        if (stat !== null && stat.ephemeralOwner === this.client.session?.id) return toNode(made.path, stat);
      } catch (error) {
        if (!isMaybeDone(error) || round === MAX_ROUNDS) throw error;
      }
    }
  }

  /** Names, with a watch on the list if wanted. */
  async names(onChange?: () => void): Promise<readonly string[]> {
    const watch = onChange === undefined ? {} : { watch: onChange };
    return (await this.client.getChildren(replicatorPaths.instances(this.ref), watch)).children;
  }

  /** @returns false when it is not there */
  async watch(name: string, onChange: () => void): Promise<boolean> {
    try {
      await this.client.getData(replicatorPaths.instance(this.ref, name), { watch: onChange });
      return true;
    } catch (error) {
      if (isNoNode(error)) return false;
      throw error;
    }
  }

  async say(name: string, instance: Instance): Promise<void> {
    await this.client.setData(replicatorPaths.instance(this.ref, name), JSON.stringify(instance));
  }

  /** Resolves when it is gone, through lost answers, or certain to go with its session. */
  async remove(name: string): Promise<void> {
    await this.client.deleteGuaranteed(replicatorPaths.instance(this.ref, name), { ephemeral: true });
  }

  /** Sequential names sort by their numbers, so what an earlier try made comes first. */
  private async ownNode(session: bigint | undefined): Promise<InstanceNode | null> {
    const directory = replicatorPaths.instances(this.ref);
    // When this is answered, what an earlier try of ours had under way has been done or never will be.
    await this.client.sync(directory);
    for (const name of [...(await this.names())].sort()) {
      if (!name.startsWith(`${this.host}-`)) continue;
      const path = replicatorPaths.instance(this.ref, name);
      const stat = await this.client.exists(path);
      if (stat !== null && stat.ephemeralOwner === session) return toNode(path, stat);
    }
    return null;
  }
}

const toNode = (path: string, { czxid }: Stat): InstanceNode => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  fence: czxid,
});
