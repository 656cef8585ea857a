/** kill -9 of the controller: another is elected under the next epoch, and data flows on meanwhile. */
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import {
  controllerView,
  createTopic,
  deleteTopic,
  freshTopic,
  kafkaClient,
  partitionState,
  processOf,
} from './cluster.js';
import { faultsOf, Load, readAll } from './load.js';

const ELECTION_MS = 60_000;

export const kafkaControllerKill: Demo = {
  name: 'kafka-controller-kill',
  title: 'the Kafka controller is killed while a producer writes and topics are made',
  promises: [
    'another broker is elected when the session ends, under the next controller epoch',
    'what the old one led gets new leaders, and a new topic gets leaders too',
    'no acknowledged message is lost or out of order',
  ],
  breaksEnsemble: false,
  run,
};

async function run(context: DemoContext): Promise<void> {
  const { chaos, mark, plan, signal, verify, zk } = context;
  const client = kafkaClient(plan);
  const [topic, later] = [freshTopic('controller-kill'), freshTopic('made-later')];
  await createTopic(context, client, topic);
  const load = await Load.start(client, topic, signal);
  const before = await until('a controller', { timeoutMs: ELECTION_MS, signal }, () => controllerView(zk));
  mark(`${processOf(before.brokerId)} is the controller of epoch ${before.epoch}; a producer writes`);
  const killed = performance.now();
  await chaos.kill(processOf(before.brokerId));
  mark(`${processOf(before.brokerId)} killed (SIGKILL)`);
  const after = await until('another controller', { timeoutMs: ELECTION_MS, signal }, async () => {
    const now = await controllerView(zk);
    return now !== undefined && now.brokerId !== before.brokerId ? now : undefined;
  });
  const tookMs = Math.round(performance.now() - killed);
  mark(
    `${processOf(after.brokerId)} is the controller of epoch ${after.epoch}, ${tookMs} ms later (the session was waited for)`,
  );
  await load.more(50);
  const state = (await partitionState(zk, topic))!;
  await chaos.restart(processOf(before.brokerId));
  mark(`${processOf(before.brokerId)} is back, as a broker like any other`);
  await createTopic(context, client, later);
  mark(`${later} is made and led`);
  const acknowledged = await load.stop();
  const read = await readAll(client, topic, acknowledged.length, signal);
  for (const each of [topic, later]) await deleteTopic(client, each);

  verify(
    'one controller followed the other, one epoch later',
    after.epoch === before.epoch + 1,
    `${processOf(before.brokerId)} of epoch ${before.epoch}, then ${processOf(after.brokerId)} of epoch ${after.epoch}`,
  );
  verify(
    'what the dead one led has a live leader',
    state.leader !== before.brokerId && !state.isr.includes(before.brokerId),
    `led by ${processOf(state.leader)}, ISR ${state.isr.join(',')}`,
  );
  const faults = faultsOf(acknowledged, read);
  const evidence = `${acknowledged.length} acknowledged, ${read.length} read${faults === '' ? '' : `: ${faults}`}`;
  verify('every acknowledged message is in the log once, in order', faults === '' && acknowledged.length > 0, evidence);
}
