/** How long a group is without an assignment, and a partition without a leader. */
import { brokerPath, decodePartitionState, partitionStatePath } from '@menagerie/kafka-core';
import { ZooKeeper } from '@menagerie/zookeeper-client';
import { waitFor } from '@menagerie/zookeeper-testing';
import type { Consumer } from 'kafkajs';
import type { Part } from '../harness/bench.js';
import { BenchKafka } from './cluster.js';

const WAIT = { timeoutMs: 60_000, intervalMs: 2 };
const MEMBERS = 3;

export const rebalance: Part = {
  about: 'three members of a group, no configured delay: until each has its partition, at the start and after a leave',
  maxRounds: 2,
  async run(_subject, record) {
    await using cluster = await BenchKafka.start(1);
    await cluster.createTopic('shared', MEMBERS, 1);
    const has = new Map<Consumer, number>();
    const members: Consumer[] = [];
    try {
      for (let index = 0; index < MEMBERS; index++) {
        // Members hear of a rebalance with their next heartbeat, which kafkajs sends between two fetches: keep both short.
        const member = cluster.client.consumer({
          groupId: 'g',
          sessionTimeout: 10_000,
          heartbeatInterval: 20,
          maxWaitTimeInMs: 20,
        });
        member.on(member.events.GROUP_JOIN, ({ payload }) =>
          has.set(member, payload.memberAssignment['shared']?.length ?? 0),
        );
        member.on(member.events.REBALANCING, () => has.set(member, 0));
        await member.connect();
        await member.subscribe({ topic: 'shared' });
        members.push(member);
      }
      const all = (count: number, each: number) => () =>
        [...has.values()].filter((partitions) => partitions >= each).length === count;
      // The first finds its coordinator, which makes the topic of offsets; the group is measured after that.
      await members[0]!.run({ eachMessage: async () => undefined });
      await waitFor(all(1, MEMBERS), { ...WAIT, what: 'one with all' });
      await members[1]!.run({ eachMessage: async () => undefined });
      await waitFor(all(2, 1), { ...WAIT, what: 'two with some' });
      let beganMs = performance.now();
      await members[2]!.run({ eachMessage: async () => undefined });
      await waitFor(() => all(3, 1)() && !all(1, 2)(), { ...WAIT, what: 'three with one each' });
      const joined = { name: 'rebalance: a third member joins', unit: 'ms', target: { under: 300 } };
      record.add(joined, performance.now() - beganMs);
      beganMs = performance.now();
      const leaving = members.pop()!;
      has.delete(leaving);
      await leaving.disconnect();
      await waitFor(() => has.size === 2 && [...has.values()].reduce((a, b) => a + b, 0) === MEMBERS, {
        ...WAIT,
        what: 'all with two',
      });
      record.add({ name: 'rebalance: one of three leaves', unit: 'ms' }, performance.now() - beganMs);
    } finally {
      await Promise.allSettled(members.map((member) => member.disconnect()));
    }
  },
};

export const failover: Part = {
  about: 'kill -9 of a leader: from the end of its node to the new leader in ZooKeeper, and as brokers serve it',
  maxRounds: 2,
  async run(_subject, record, context) {
    await using cluster = await BenchKafka.start(3);
    const partitions = context.setting('led');
    await cluster.createTopic('led', partitions, 3);
    const { kafka } = cluster;
    const controller = (await kafka.controller())!.id;
    const victim = kafka.brokers.find(({ id }) => id !== controller)!;
    const ledBy = async (id: number) =>
      (await kafka.partitions(id)).filter(({ topic, role }) => topic === 'led' && role === 'leader');
    const lost = await ledBy(victim.id);
    const others = kafka.brokers.filter(({ id }) => id !== victim.id);
    await using zk = await ZooKeeper.connect({ connect: cluster.ensemble.connectString, sessionTimeoutMs: 30_000 });
    let goneMs = 0;
    await zk.exists(brokerPath(victim.id), { watch: () => (goneMs = performance.now()) });
    await victim.process.end('SIGKILL');
    await waitFor(() => goneMs > 0, { ...WAIT, what: 'the end of its node' });
    await waitFor(
      async () => {
        const states = await Promise.all(
          lost.map(async ({ topic, partition }) =>
            decodePartitionState(topic, partition, (await zk.getData(partitionStatePath(topic, partition))).data),
          ),
        );
        return states.every(({ leader }) => leader !== victim.id);
      },
      { ...WAIT, what: 'other leaders in ZooKeeper' },
    );
    const target = { target: { under: 200 } };
    record.add({ name: `failover: ${lost.length} leaders elected`, unit: 'ms' }, performance.now() - goneMs);
    await waitFor(
      async () => {
        const led = (await Promise.all(others.map(({ id }) => ledBy(id)))).flat();
        return lost.every(({ partition }) => led.some((each) => each.partition === partition));
      },
      { ...WAIT, what: 'other leaders that serve' },
    );
    record.add({ name: 'failover: leadership moved and served', unit: 'ms', ...target }, performance.now() - goneMs);
  },
};
