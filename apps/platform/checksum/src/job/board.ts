/**
 * Orders, progress and results of a job, in the tree.
 *
 *     /sched/checksum                     persistent  the order: a console writes it, workers follow it; the latest wins
 *     /progress/<task>/<worker>           ephemeral   {"done","of","file"}: who lives, and how far he is
 *     /progress-results/<task>/<share>    persistent  sums so far: what a successor begins with
 *
 * Progress goes with the session of its worker; what was worked out must not, so it stands apart.
 */
import { Inject, Injectable } from '@nestjs/common';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { z } from 'zod';

export const orderSchema = z.strictObject({
  id: z.string().regex(/^[\w-]{1,64}$/, 'expected a word'),
  folder: z.string().min(1),
  /** The files are cut into so many shares; a worker takes one after the other. */
  shares: z.number().int().min(1).max(64),
  paused: z.boolean().default(false),
});
export type Order = z.infer<typeof orderSchema>;

export interface Checkpoint {
  readonly done: boolean;
  /** SHA-256 by file, relative to the folder. */
  readonly sums: Readonly<Record<string, string>>;
}

export interface Progress {
  readonly worker: string;
  readonly done: number;
  readonly of: number;
  readonly file: string;
}

export const ORDERS = '/sched/checksum';

@Injectable()
export class Board {
  constructor(@Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient) {}

  /** @returns the version of the order: who obeys it says so */
  async publish(order: Order): Promise<number> {
    await this.client.mkdirp(ORDERS);
    return (await this.client.setData(ORDERS, JSON.stringify(order))).version;
  }

  async progress(task: string): Promise<readonly Progress[]> {
    try {
      const { children } = await this.client.getChildren(`/progress/${task}`);
      const all = await Promise.all(children.map((worker) => this.read<Progress>(`/progress/${task}/${worker}`)));
      return all.filter((each) => each !== null);
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  async checkpoint(task: string, share: number): Promise<Checkpoint> {
    return (await this.read<Checkpoint>(this.shareOf(task, share))) ?? { done: false, sums: {} };
  }

  async save(task: string, share: number, checkpoint: Checkpoint): Promise<void> {
    const path = this.shareOf(task, share);
    try {
      await this.client.setData(path, JSON.stringify(checkpoint));
    } catch (error) {
      if (!isNoNode(error)) throw error;
      await this.client.mkdirp(`/progress-results/${task}`);
      await this.client.create(path, JSON.stringify(checkpoint)).catch((exists: unknown) => {
        if (!isNodeExists(exists)) throw exists;
      });
    }
  }

  private shareOf(task: string, share: number): string {
    return `/progress-results/${task}/${share}`;
  }

  private async read<T>(path: string): Promise<T | null> {
    try {
      return JSON.parse((await this.client.getData(path)).data.toString()) as T;
    } catch (error) {
      if (isNoNode(error)) return null;
      throw error;
    }
  }
}
