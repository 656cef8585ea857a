/** The recipes, below the application's root and in this replica's name. What is missing here: `new Recipe(client, path)`. */
import { Inject, Injectable } from '@nestjs/common';
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import {
  AtomicCounter,
  ConfigStore,
  IdBlocks,
  LeaderLatch,
  Lock,
  OncePerTick,
  PriorityQueue,
  ReadWriteLock,
  Semaphore,
  SequentialNames,
  ServiceDiscovery,
  WorkQueue,
  type LeaderLatchOptions,
} from '@menagerie/zookeeper-recipes';
import { ZOOKEEPER_CLIENT, ZOOKEEPER_OPTIONS } from './constants.js';
import type { ResolvedOptions } from './options.js';

@Injectable()
export class ZooKeeperRecipes {
  /** Where all services of all applications register. */
  readonly discovery: ServiceDiscovery;
  readonly config: ConfigStore;
  readonly names: SequentialNames;

  constructor(
    @Inject(ZOOKEEPER_CLIENT) private readonly client: ZooKeeperClient,
    @Inject(ZOOKEEPER_OPTIONS) private readonly options: ResolvedOptions,
  ) {
    this.discovery = new ServiceDiscovery(client);
    this.config = new ConfigStore(client, `/config/${options.application}`);
    this.names = new SequentialNames(client, this.at('ids'));
  }

  lock(name: string): Lock {
    return new Lock(this.client, this.at('locks', name), { identity: this.options.instance });
  }

  readWriteLock(name: string): ReadWriteLock {
    return new ReadWriteLock(this.client, this.at('rw-locks', name), { identity: this.options.instance });
  }

  semaphore(name: string, limit: number): Semaphore {
    return new Semaphore(this.client, this.at('semaphores', name), limit, this.options.instance);
  }

  /** Not started; whoever asks for it starts and closes it. `@OnLeader` does both by itself. */
  leaderLatch(name: string, options: Omit<LeaderLatchOptions, 'identity'> = {}): LeaderLatch {
    return new LeaderLatch(this.client, this.at('elections', name), { identity: this.options.instance, ...options });
  }

  queue(name: string): WorkQueue {
    return new WorkQueue(this.client, this.at('queues', name));
  }

  priorityQueue(name: string): PriorityQueue {
    return new PriorityQueue(this.client, this.at('priority-queues', name));
  }

  counter(name: string): AtomicCounter {
    return new AtomicCounter(this.client, this.at('counters', name));
  }

  idBlocks(name: string): IdBlocks {
    return new IdBlocks(this.client, this.at('id-blocks', name));
  }

  oncePerTick(name: string): OncePerTick {
    return new OncePerTick(this.client, this.at('cron', name), { identity: this.options.instance });
  }

  private at(...names: readonly string[]): string {
    return [this.options.root, ...names].join('/');
  }
}
