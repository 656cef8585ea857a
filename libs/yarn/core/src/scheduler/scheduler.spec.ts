import { describe, expect, it } from 'vitest';
import { parseQueues } from './queue.js';
import { Scheduler, type SchedulerConfig } from './scheduler.js';

const small = { memoryMb: 256, vcores: 1 };
const config: SchedulerConfig = {
  queues: parseQueues('default:100'),
  maximumAllocation: { memoryMb: 8_192, vcores: 8 },
  assignmentsPerHeartbeat: 100,
  mastersPercent: 50,
};

function cluster(more: Partial<SchedulerConfig> = {}, memoryMb = 2_048) {
  const scheduler = new Scheduler({ ...config, ...more }, 3);
  scheduler.addNode('nm1:1', 'a:1', { memoryMb, vcores: 8 });
  let order = 0;
  const app = (number: number, queue = 'default', priority = 0) => {
    const id = `application_1_000${number}`;
    return scheduler.addApp(id, `appattempt_1_000${number}_000001`, { queue, priority, order: ++order });
  };
  const assign = () => scheduler.assign('nm1:1', 0).map((one) => one.containerId.replace('container_e03_1_', ''));
  return { scheduler, app, assign };
}

describe('the scheduler', () => {
  it('serves the earlier application first, the more urgent ask first', () => {
    const { app, assign } = cluster();
    app(2).setAsk({ priority: 20, resource: small, count: 1 });
    const first = app(1);
    first.setAsk({ priority: 10, resource: small, count: 1 });
    first.setAsk({ priority: 5, resource: { memoryMb: 512, vcores: 1 }, count: 1 });
    expect(assign()).toEqual(['0002_01_000001', '0001_01_000001', '0001_01_000002']);
    expect([...first.containers.values()].map((one) => one.priority)).toEqual([5, 10]);
  });

  it('serves a higher priority before an earlier submission', () => {
    const { app, assign } = cluster();
    app(1).setAsk({ priority: 20, resource: small, count: 1 });
    app(2, 'default', 9).setAsk({ priority: 20, resource: small, count: 1 });
    expect(assign()).toEqual(['0002_01_000001', '0001_01_000001']);
  });

  it('lets a smaller ask pass one that does not fit', () => {
    const { app, assign } = cluster();
    app(1).setAsk({ priority: 1, resource: { memoryMb: 4_096, vcores: 1 }, count: 1 });
    app(2).setAsk({ priority: 1, resource: small, count: 1 });
    expect(assign()).toEqual(['0002_01_000001']);
  });

  it('never gives a node more than it has, in neither memory nor cores', () => {
    const { scheduler, app, assign } = cluster({}, 100_000);
    app(1).setAsk({ priority: 1, resource: small, count: 50 });
    expect(assign()).toHaveLength(8);
    expect(scheduler.usedResource).toEqual({ memoryMb: 2_048, vcores: 8 });
    expect(assign()).toEqual([]);
  });

  it('brings only so many containers with one heartbeat', () => {
    const { app, assign } = cluster({ assignmentsPerHeartbeat: 2 });
    app(1).setAsk({ priority: 1, resource: small, count: 5 });
    expect([assign().length, assign().length, assign().length]).toEqual([2, 2, 1]);
  });

  it('gives nothing to an application before its master has its place', () => {
    const { scheduler, app, assign } = cluster();
    const one = app(1);
    one.masterAsk = small;
    one.setAsk({ priority: 1, resource: small, count: 1 });
    expect(assign()).toEqual(['0001_01_000001', '0001_01_000002']);
    expect([...scheduler.nodes.values()][0]?.containers.get('container_e03_1_0001_01_000001')?.isMaster).toBe(true);
  });

  it('does not let masters fill the queue: those that run must get something to work in', () => {
    const { scheduler, app, assign } = cluster({}, 1_024);
    for (const number of [1, 2, 3, 4]) app(number).masterAsk = small;
    expect(assign()).toHaveLength(2);
    scheduler.removeApp('application_1_0001');
    expect(assign()).toHaveLength(1);
  });

  it('always lets the first master of a queue start, however large', () => {
    const { app, assign } = cluster({}, 1_024);
    app(1).masterAsk = { memoryMb: 1_024, vcores: 1 };
    expect(assign()).toHaveLength(1);
  });

  it('serves the queue that has the least of its guarantee', () => {
    const { app, assign } = cluster({ queues: parseQueues('default:75,batch:25') });
    app(1, 'batch').setAsk({ priority: 1, resource: small, count: 8 });
    app(2).setAsk({ priority: 1, resource: small, count: 8 });
    const assigned = assign();
    expect(assigned.filter((one) => one.startsWith('0002'))).toHaveLength(6);
    expect(assigned.filter((one) => one.startsWith('0001'))).toHaveLength(2);
  });

  it('lets a queue grow into what others leave, up to its maximum', () => {
    const { app, assign } = cluster({ queues: parseQueues('default:50,batch:50:75') });
    app(1, 'batch').setAsk({ priority: 1, resource: small, count: 8 });
    expect(assign()).toHaveLength(6);
  });

  it('frees what an ended container had, for its queue and its node', () => {
    const { scheduler, app, assign } = cluster({}, 256);
    app(1).setAsk({ priority: 1, resource: small, count: 2 });
    assign();
    expect(assign()).toEqual([]);
    scheduler.complete('container_e03_1_0001_01_000001');
    expect(assign()).toEqual(['0001_01_000002']);
    expect(scheduler.complete('container_e03_1_0001_01_000001')).toBeNull();
  });

  it('knows the largest container there can be', () => {
    const { scheduler } = cluster();
    expect(scheduler.maximumResource).toEqual({ memoryMb: 2_048, vcores: 8 });
    scheduler.addNode('nm2:1', 'b:1', { memoryMb: 16_384, vcores: 2 });
    expect(scheduler.maximumResource, 'the limit of the configuration').toEqual({ memoryMb: 8_192, vcores: 8 });
    expect(new Scheduler(config, 0).maximumResource, 'without nodes').toEqual({ memoryMb: 8_192, vcores: 8 });
  });
});

describe('queues', () => {
  it('are written as name, guarantee and maximum', () => {
    expect(parseQueues('default:70,batch:30:50')).toEqual([
      { name: 'default', capacityPercent: 70, maximumPercent: 100 },
      { name: 'batch', capacityPercent: 30, maximumPercent: 50 },
    ]);
  });

  it.each([
    ['default', '"default"'],
    ['default:0', '"default:0"'],
    ['default:50:40', '"default:50:40"'],
    ['a:50,a:50', 'the same queue twice'],
    ['a:50', 'guarantees that add up to 50 percent'],
  ])('%j is one clear line', (text, got) => {
    expect(() => parseQueues(text)).toThrow(`queues: expected name:percent[:maximum],..., got ${got}`);
  });
});
