/** What this replica takes part in, started together and given up together, in an order that nobody has to know. */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { LeaderLatch, type LeaderChange, type Leadership } from '@menagerie/zookeeper-recipes';

/** Something that is given up at the stop. */
export interface Role {
  readonly name: string;
  close(): Promise<unknown>;
}

/** The methods that run while we lead one election. */
export class LeaderRole implements Role {
  private readonly latch: LeaderLatch;
  private readonly methods: ((leadership: Leadership) => unknown)[] = [];
  private readonly underWay = new Set<Promise<void>>();

  constructor(
    client: ZooKeeperClient,
    path: string,
    identity: string,
    readonly name: string,
    private readonly told: {
      readonly change: (change: LeaderChange) => void;
      readonly failure: (error: unknown) => void;
    },
  ) {
    const onChange = (change: LeaderChange) => {
      told.change(change);
      if (change.leader) for (const method of this.methods) this.run(method, change.leadership);
    };
    this.latch = new LeaderLatch(client, path, { identity, onChange, onFailure: told.failure });
  }

  get leads(): boolean {
    return this.latch.leadership !== null;
  }

  add(method: (leadership: Leadership) => unknown): void {
    this.methods.push(method);
  }

  start(): void {
    this.latch.start();
  }

  /** Steps down first, so that the signals fire, then waits for what was running to end. */
  async close(): Promise<void> {
    await this.latch[Symbol.asyncDispose]();
    await Promise.all(this.underWay);
  }

  private run(method: (leadership: Leadership) => unknown, leadership: Leadership): void {
    const running = (async () => {
      try {
        await method(leadership);
      } catch (error) {
        this.told.failure(error);
      }
    })().finally(() => this.underWay.delete(running));
    this.underWay.add(running);
  }
}
