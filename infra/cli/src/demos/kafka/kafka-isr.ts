/** A follower that stands still leaves the ISR, so that it holds nobody up, and joins again when it has caught up. */
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import {
  controllerView,
  createTopic,
  deleteTopic,
  freshTopic,
  inSync,
  kafkaClient,
  partitionState,
  processOf,
} from './cluster.js';
import { Load } from './load.js';

const SHRINK_MS = 60_000;

export const kafkaIsr: Demo = {
  name: 'kafka-isr',
  title: 'a Kafka follower stands still, leaves the ISR, and rejoins it',
  promises: [
    'the follower is taken out of the ISR, and the producer goes on',
    'it is in the ISR again once it has everything',
    'the leader never changed',
  ],
  breaksEnsemble: false,
  run,
};

async function run(context: DemoContext): Promise<void> {
  const { chaos, mark, plan, signal, verify, zk } = context;
  const client = kafkaClient(plan);
  const topic = freshTopic('isr');
  await createTopic(context, client, topic);
  const before = (await partitionState(zk, topic))!;
  const controller = await controllerView(zk);
  const slow = before.isr.find((id) => id !== before.leader && id !== controller?.brokerId)!;
  const load = await Load.start(client, topic, signal);
  mark(`${topic}: led by ${processOf(before.leader)}, ISR ${before.isr.join(',')}; a producer writes with acks=all`);
  await chaos.pause(processOf(slow));
  mark(`${processOf(slow)} stopped (SIGSTOP): everybody waits for it`);
  const shrunk = await until('a smaller ISR', { timeoutMs: SHRINK_MS, signal }, async () => {
    const now = await partitionState(zk, topic);
    return now !== undefined && !now.isr.includes(slow) ? now : undefined;
  });
  await load.more(50);
  mark(`ISR ${shrunk.isr.join(',')}: the producer goes on (its slowest message took ${Math.round(load.longestMs)} ms)`);
  await chaos.resume(processOf(slow));
  const after = await inSync(context, topic, 3);
  mark(`${processOf(slow)} goes on, has caught up, and is in sync: ISR ${after.isr.join(',')}`);
  const acknowledged = await load.stop();
  await deleteTopic(client, topic);

  verify(
    'the follower left the ISR',
    shrunk.isr.length === 2,
    `ISR ${before.isr.join(',')}, then ${shrunk.isr.join(',')}`,
  );
  verify('it is in again', after.isr.includes(slow), `ISR ${after.isr.join(',')}`);
  const evidence = `${processOf(after.leader)} led all the time; ${acknowledged.length} messages acknowledged`;
  verify('the leader never changed', after.leader === before.leader, evidence);
}
