/** kill -9 of each broker in turn, under a producer that waits for all replicas. */
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import { createTopic, deleteTopic, freshTopic, inSync, kafkaClient, partitionState, processOf } from './cluster.js';
import { faultsOf, Load, readAll } from './load.js';

const FAILOVER_MS = 60_000;

export const kafkaBrokerKill: Demo = {
  name: 'kafka-broker-kill',
  title: 'each Kafka broker is killed in turn while a producer writes with acks=all',
  promises: [
    'whenever the leader dies, another replica in sync leads, under a newer epoch',
    'no acknowledged message is lost or there twice, and their order is kept',
    'each broker catches up and is in sync again',
  ],
  breaksEnsemble: false,
  run,
};

async function run(context: DemoContext): Promise<void> {
  const { chaos, mark, plan, signal, verify, zk } = context;
  const client = kafkaClient(plan);
  const topic = freshTopic('broker-kill');
  await createTopic(context, client, topic);
  const load = await Load.start(client, topic, signal);
  const before = (await partitionState(zk, topic))!;
  mark(`${topic}: led by ${processOf(before.leader)}, ISR ${before.isr.join(',')}; a producer writes with acks=all`);
  let moves = 0;
  for (const id of [1, 2, 3]) {
    const state = (await partitionState(zk, topic))!;
    const leads = state.leader === id;
    await chaos.kill(processOf(id));
    mark(`${processOf(id)} killed (SIGKILL), ${leads ? 'the leader' : 'a follower'}`);
    const after = await until(`a leader and an ISR without ${id}`, { timeoutMs: FAILOVER_MS, signal }, async () => {
      const now = await partitionState(zk, topic);
      return now !== undefined && now.leader > 0 && !now.isr.includes(id) ? now : undefined;
    });
    if (leads) moves++;
    mark(`led by ${processOf(after.leader)} in epoch ${after.leaderEpoch}, ISR ${after.isr.join(',')}`);
    await load.more(50);
    await chaos.restart(processOf(id));
    const healed = await inSync(context, topic, 3);
    mark(`${processOf(id)} is back and has caught up: ISR ${healed.isr.join(',')}`);
  }
  await load.more(50);
  const acknowledged = await load.stop();
  const read = await readAll(client, topic, acknowledged.length, signal);
  const end = (await partitionState(zk, topic))!;
  await deleteTopic(client, topic);

  verify(
    'leadership moved with each leader that died',
    moves >= 1 && end.leaderEpoch > before.leaderEpoch,
    `${moves} leaders died; epoch ${before.leaderEpoch} to ${end.leaderEpoch}`,
  );
  const faults = faultsOf(acknowledged, read);
  verify(
    'every acknowledged message is in the log once, in order',
    faults === '' && acknowledged.length > 0,
    `${acknowledged.length} acknowledged, ${read.length} read${faults === '' ? '' : `: ${faults}`}; the slowest took ${Math.round(load.longestMs)} ms`,
  );
  verify('all replicas are in sync again', end.isr.length === 3, `ISR ${end.isr.join(',')}`);
}
