/**
 * Queues with a guaranteed and a greatest share of the cluster (CapacityScheduler, one level).
 *
 * The queue that has the least of what it is guaranteed goes first; it may grow into what others leave, up to its
 * maximum. Written as `default:70:100,batch:30:50`, in percent; the guarantees add up to 100.
 */
import { addResources, type Resource, subtractResources, YarnRequestError } from '@menagerie/yarn-protocol';

export interface QueueConfig {
  readonly name: string;
  /** Guaranteed share in percent, above 0. */
  readonly capacityPercent: number;
  /** Greatest share in percent. */
  readonly maximumPercent: number;
}

const MAX_QUEUES = 100;

/** @throws YarnRequestError with one line that says what was expected */
export function parseQueues(text: string): readonly QueueConfig[] {
  const wrong = (got: string) =>
    new YarnRequestError('YARN_INVALID_REQUEST', `queues: expected name:percent[:maximum],..., got ${got}`);
  const queues = text.split(',').map((part) => {
    const match = /^\s*([A-Za-z0-9_.-]{1,100}):(\d{1,3})(?::(\d{1,3}))?\s*$/.exec(part);
    if (!match) throw wrong(JSON.stringify(part));
    const [, name = '', capacity, maximum] = match;
    const queue = { name, capacityPercent: Number(capacity), maximumPercent: Number(maximum ?? 100) };
    if (queue.capacityPercent < 1 || queue.maximumPercent < queue.capacityPercent || queue.maximumPercent > 100) {
      throw wrong(JSON.stringify(part));
    }
    return queue;
  });
  if (queues.length > MAX_QUEUES) throw wrong(`${queues.length} queues, at most ${MAX_QUEUES} are allowed`);
  if (new Set(queues.map((one) => one.name)).size < queues.length) throw wrong('the same queue twice');
  const sum = queues.reduce((total, one) => total + one.capacityPercent, 0);
  if (sum !== 100) throw wrong(`guarantees that add up to ${sum} percent`);
  return queues;
}

export class Queue {
  /** Invariant: the sum of what the queue's live containers have; the masters' part of it beside. */
  used: Resource = { memoryMb: 0, vcores: 0 };
  usedByMasters: Resource = { memoryMb: 0, vcores: 0 };

  constructor(readonly config: QueueConfig) {}

  take(resource: Resource, isMaster: boolean): void {
    this.used = addResources(this.used, resource);
    if (isMaster) this.usedByMasters = addResources(this.usedByMasters, resource);
  }

  give(resource: Resource, isMaster: boolean): void {
    this.used = subtractResources(this.used, resource);
    if (isMaster) this.usedByMasters = subtractResources(this.usedByMasters, resource);
  }

  /** How much of its guarantee it uses, by the scarcer resource: 1 is all of it. */
  relativeUse(cluster: Resource): number {
    const share = this.config.capacityPercent / 100;
    const of = (used: number, total: number) => (total === 0 ? 0 : used / (total * share));
    return Math.max(of(this.used.memoryMb, cluster.memoryMb), of(this.used.vcores, cluster.vcores));
  }

  /** Whether this much more stays within its greatest share. */
  mayGrow(by: Resource, cluster: Resource): boolean {
    return (
      this.config.maximumPercent === 100 || within(addResources(this.used, by), cluster, this.config.maximumPercent)
    );
  }

  /**
   * Whether one more master may start. Masters alone must never fill a queue, or none of them would get a container to
   * work in (`maximum-am-resource-percent`); the first one may always.
   */
  mayStartMaster(resource: Resource, cluster: Resource, mastersPercent: number): boolean {
    if (this.usedByMasters.memoryMb === 0 && this.usedByMasters.vcores === 0) return true;
    const percent = (this.config.maximumPercent * mastersPercent) / 100;
    return within(addResources(this.usedByMasters, resource), cluster, percent);
  }
}

function within(used: Resource, cluster: Resource, percent: number): boolean {
  return used.memoryMb * 100 <= cluster.memoryMb * percent && used.vcores * 100 <= cluster.vcores * percent;
}
