/** SIGSTOP of the controller past its session: it goes on believing, and is fenced by the epoch of the next. */
import type { Demo, DemoContext } from '../demo.js';
import { until } from '../until.js';
import {
  brokerSays,
  controllerView,
  createTopic,
  deleteTopic,
  freshTopic,
  inSync,
  kafkaClient,
  processOf,
} from './cluster.js';
import { faultsOf, Load, readAll } from './load.js';

const ELECTION_MS = 60_000;

export const kafkaZombieController: Demo = {
  name: 'kafka-zombie-controller',
  title: 'the Kafka controller is stopped past its session, then goes on',
  promises: [
    'another broker becomes the controller, under the next epoch',
    'the old one learns that it is none, and never reigns again in its old epoch',
    'nothing it still believed is in ZooKeeper, and no acknowledged message is lost',
  ],
  breaksEnsemble: false,
  run,
};

async function run(context: DemoContext): Promise<void> {
  const { chaos, mark, plan, signal, verify, zk } = context;
  const client = kafkaClient(plan);
  const topic = freshTopic('zombie');
  await createTopic(context, client, topic);
  const load = await Load.start(client, topic, signal);
  const waiting = { timeoutMs: ELECTION_MS, signal };
  const before = await until('a controller', waiting, () => controllerView(zk));
  const zombie = processOf(before.brokerId);
  await chaos.pause(zombie);
  mark(`${zombie}, the controller of epoch ${before.epoch}, is stopped (SIGSTOP)`);
  const after = await until('another controller', waiting, async () => {
    const now = await controllerView(zk);
    return now !== undefined && now.brokerId !== before.brokerId ? now : undefined;
  });
  mark(`its session has expired: ${processOf(after.brokerId)} is the controller of epoch ${after.epoch}`);
  await load.more(50);
  const fence = (await zk.getData('/controller_epoch')).stat.version;
  await chaos.resume(zombie);
  mark(`${zombie} goes on (SIGCONT)`);
  const says = await until('the zombie to know', waiting, async () => {
    const now = await brokerSays(plan, before.brokerId);
    return now.controllerEpoch === null && now.controllerId === after.brokerId ? now : undefined;
  });
  mark(`${zombie} says: the controller is ${processOf(says.controllerId)}`);
  const state = await inSync(context, topic, 3);
  mark(`${zombie} is registered again and in sync: ISR ${state.isr.join(',')}`);
  const acknowledged = await load.stop();
  const read = await readAll(client, topic, acknowledged.length, signal);
  const end = await controllerView(zk);
  const fenceAfter = (await zk.getData('/controller_epoch')).stat.version;
  await deleteTopic(client, topic);

  verify(
    'the next controller reigns under the next epoch, and still does',
    after.epoch === before.epoch + 1 && end?.epoch === after.epoch && end.brokerId === after.brokerId,
    `epoch ${before.epoch} of ${zombie}, then ${after.epoch} of ${processOf(after.brokerId)}; now ${end?.epoch}`,
  );
  verify(
    'the fence has not moved since the zombie went on',
    fenceAfter === fence,
    `version of /controller_epoch, on which every write of a controller is conditional: ${fence}, then ${fenceAfter}`,
  );
  const faults = faultsOf(acknowledged, read);
  const evidence = `${acknowledged.length} acknowledged, ${read.length} read${faults === '' ? '' : `: ${faults}`}`;
  verify('every acknowledged message is in the log once, in order', faults === '' && acknowledged.length > 0, evidence);
}
