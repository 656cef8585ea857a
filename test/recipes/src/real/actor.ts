/**
 * An actor as a process of its own: so that it can be stopped, and go on without having noticed. It plays one task after
 * another, each with a client of its own.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '@menagerie/simulation';
import { ZooKeeper, type ZooKeeperClient } from '@menagerie/zookeeper-client';
import { plays } from '../plays/index.js';
import type { ActorTask, FromActor, ToActor } from './messages.js';

/** Generous: a busy machine is no failure of a recipe. */
const CONNECT_MS = 300_000;

const answers = new Map<number, (accepted: boolean) => void>();
let client: ZooKeeperClient | null = null;
let asked = 0;

const send = (message: FromActor) => void process.send?.(message);

process.on('message', (message: ToActor) => {
  if (message.kind === 'act') void act(message.task);
  else if (message.kind === 'answer') {
    answers.get(message.number)?.(message.accepted);
    answers.delete(message.number);
  } else void rest();
});
process.on('disconnect', () => process.exit(1));

async function rest(): Promise<void> {
  answers.clear();
  await client?.close();
  client = null;
  send({ kind: 'rested' });
}

async function act(task: ActorTask): Promise<void> {
  try {
    const play = plays.find(({ name }) => name === task.play);
    if (play === undefined) throw new Error(`expected a play, got ${task.play}`);
    const { connect, sessionTimeoutMs, index, actors, path } = task;
    const zk = await ZooKeeper.connect({ connect, sessionTimeoutMs, connectTimeoutMs: CONNECT_MS });
    client = zk;
    const tellSession = () => {
      const { session } = zk;
      if (session) send({ kind: 'session', id: String(session.id), password: session.password.toString('hex') });
    };
    tellSession();
    zk.on('session', tellSession);
    await play.act({
      name: `actor-${index + 1}`,
      index,
      actors,
      zk,
      path,
      dice: new Random(task.seed + 1_000 * index),
      sleep: async (ms) => void (await sleep(ms)),
      tell: (what, details = {}) =>
        new Promise((resolve) => {
          asked += 1;
          answers.set(asked, resolve);
          send({ kind: 'tell', number: asked, what, details });
        }),
    });
    send({ kind: 'ended', failure: null });
  } catch (error) {
    send({ kind: 'ended', failure: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}
