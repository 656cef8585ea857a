/**
 * Ids that are given once in the whole cluster and say what they name.
 *
 *     /naming-types/<type>                persistent: the type is known
 *     /ids/<type>/<type>-0000000042       persistent, sequential: one node an id, which is its name
 *     /id-blocks/<type>                   persistent: where the next block begins
 *
 * A sequential node costs a quorum write an id; a block one for a thousand. Nodes of ids that were given are removed by one
 * of the replicas, every minute; the counter is the parent's and stays.
 */
import { Inject, Injectable } from '@nestjs/common';
import { PatternError } from '@menagerie/platform-core';
import { isNodeExists, isNoNode, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { OncePerCluster, ZOOKEEPER_CLIENT } from '@menagerie/zookeeper-nest';
import { AtomicCounter, IdBlocks, SequentialNames } from '@menagerie/zookeeper-recipes';
import { METRICS } from '@menagerie/service';
import { Counter, type Registry } from 'prom-client';

const TYPES = '/naming-types';
const BLOCKS = '/id-blocks';
const KEPT_NODES = 100;
const MAX_TRIMS = 50;
/** Each costs a counter and a block of a replica. */
const MAX_TYPES = 1_000;

export interface Block {
  readonly first: string;
  readonly last: string;
}

@Injectable()
export class IdTypes {
  private readonly names: SequentialNames;
  /** Invariant: only types that are known, so at most `MAX_TYPES`. */
  private readonly own = new Map<string, IdBlocks>();
  private readonly given: Counter;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(METRICS) registry: Registry,
  ) {
    this.names = new SequentialNames(client, '/ids');
    const labels = { labelNames: ['way'], registers: [registry] };
    this.given = new Counter({ name: 'naming_ids_total', help: 'ids given, by the way they were made', ...labels });
  }

  async all(): Promise<readonly string[]> {
    try {
      return [...(await this.client.getChildren(TYPES)).children].sort();
    } catch (error) {
      if (isNoNode(error)) return [];
      throw error;
    }
  }

  /** Content with a type that is known. @throws PatternError `PATTERN_BAD_REQUEST` for one type too many */
  async register(type: string): Promise<void> {
    if ((await this.all()).length >= MAX_TYPES) {
      throw new PatternError('PATTERN_BAD_REQUEST', `expected at most ${MAX_TYPES} types`);
    }
    await this.client.mkdirp(TYPES);
    await this.client.create(`${TYPES}/${type}`).catch((error: unknown) => {
      if (!isNodeExists(error)) throw error;
    });
  }

  /** New ids, each by a node of its own. @throws PatternError `NAMING_UNKNOWN_TYPE` */
  async take(type: string, count: number): Promise<readonly string[]> {
    await this.known(type);
    const ids = await Promise.all(Array.from({ length: count }, () => this.names.take(type)));
    this.given.inc({ way: 'sequential' }, count);
    return ids;
  }

  /** New ids out of the block that this replica has leased. @throws PatternError `NAMING_UNKNOWN_TYPE` */
  async takeQuickly(type: string, count: number): Promise<readonly string[]> {
    let blocks = this.own.get(type);
    if (blocks === undefined) {
      await this.known(type);
      blocks = this.own.get(type) ?? new IdBlocks(this.client, `${BLOCKS}/${type}`);
      this.own.set(type, blocks);
    }
    const ids: string[] = [];
    for (let taken = 0; taken < count; taken += 1) ids.push(`${type}-${await blocks.take()}`);
    this.given.inc({ way: 'block' }, count);
    return ids;
  }

  /** A block for whoever asks, to be handed out without asking again. @throws PatternError `NAMING_UNKNOWN_TYPE` */
  async lease(type: string, size: number): Promise<Block> {
    await this.known(type);
    const end = await new AtomicCounter(this.client, `${BLOCKS}/${type}`, 1n).add(BigInt(size));
    this.given.inc({ way: 'lease' }, size);
    return { first: `${type}-${end - BigInt(size)}`, last: `${type}-${end - 1n}` };
  }

  /** A bound on its work: what is left is for the next minute. */
  @OncePerCluster('* * * * *')
  async trim(): Promise<void> {
    for (const type of await this.all()) {
      for (let trims = 0; trims < MAX_TRIMS; trims += 1) {
        const removed = await this.names.trim(type, KEPT_NODES).catch((error: unknown) => {
          if (isNoNode(error)) return 0;
          throw error;
        });
        if (removed === 0) break;
      }
    }
  }

  private async known(type: string): Promise<void> {
    if ((await this.client.exists(`${TYPES}/${type}`)) !== null) return;
    const types = (await this.all()).slice(0, 10).join(', ');
    throw new PatternError('NAMING_UNKNOWN_TYPE', `expected a type that is registered (${types}), got "${type}"`);
  }
}
