/** Logs into a Kafka topic: a collector and a broker are killed, and a collector that was stopped wakes. */
import { TestKafka } from '@menagerie/kafka-testing';
import { type LineCheck, TestLogs } from '@menagerie/logs-testing';
import { startTestEnsemble } from '@menagerie/zookeeper-testing';
import type { DemoOfItsOwn, DemoStage } from '../demo.js';
import { until } from '../until.js';
import { writeUntil } from './write-until.js';

const WAIT_MS = 60_000;
const TOPIC = 'logs';

export const logsKafka: DemoOfItsOwn = {
  name: 'logs-kafka',
  title: 'logs are collected into a Kafka topic while collectors and a broker are killed or stopped',
  promises: [
    'lines and the position behind them are one transaction: whoever reads what is committed sees each line once, in order',
    'a collector that slept while its sources were given away is fenced by the topic as by the folder',
    'while a majority of brokers is down, the folder is written on, and the topic catches up later',
  ],
  standsAlone: true,
  async run(stage) {
    await using ensemble = await startTestEnsemble({ servers: 1, tickTimeMs: 500 });
    await using kafka = await TestKafka.start({ zkConnect: ensemble.connectString });
    stage.mark('a server of the ensemble and three brokers of their own, on free ports');
    await using logs = await TestLogs.start({
      zkConnect: ensemble.connectString,
      agents: 1,
      sources: 6,
      kafka: { brokers: kafka.bootstrap, topic: TOPIC },
    });
    stage.mark('six programs log, three collectors write each line into a folder and into a topic');
    const writing = new AbortController();
    const load = Promise.all(logs.writers.map((writer) => writeUntil(writer, writing.signal, stage.signal)));
    try {
      await breakThings(stage, logs, kafka);
    } finally {
      writing.abort();
      await load;
    }
    const inTopic = await logs.collectedInTopic();
    const inFolder = await logs.collected();
    stage.mark(`the programs have ended; ${sum(inTopic, 'lines')} lines are in the topic`);
    const written = logs.writers.reduce((total, writer) => total + writer.written, 0);
    judge(stage, 'topic', inTopic, written);
    judge(stage, 'folder', inFolder, written);
  },
};

async function breakThings(stage: DemoStage, logs: TestLogs, kafka: TestKafka): Promise<void> {
  const { signal, mark } = stage;
  const [killed, stopped] = logs.collectors;
  if (killed === undefined || stopped === undefined) throw new Error('expected two collectors');
  const without = (id: string) =>
    until(`the sources of ${id} with others`, { timeoutMs: WAIT_MS, signal }, async () =>
      [...(await logs.owners()).values()].includes(id) ? undefined : true,
    );
  await killed.end('SIGKILL');
  mark(`${killed.id} killed (SIGKILL)`);
  await without(killed.id);
  mark('its sources are with the others');
  await killed.start();
  await kafka.broker(1).process.end('SIGKILL');
  mark(`${killed.id} is back; broker 1 killed (SIGKILL)`);
  stopped.pause();
  mark(`${stopped.id} stopped (SIGSTOP)`);
  await without(stopped.id);
  stopped.resume();
  await kafka.broker(2).process.end('SIGKILL');
  mark(`${stopped.id} goes on, its sources are with others; broker 2 killed as well: the topic can take nothing`);
  const before = sum(await logs.check(), 'lines');
  const more = await until('more lines in the folder', { timeoutMs: WAIT_MS, signal }, async () => {
    const now = sum(await logs.check(), 'lines');
    return now > before + 100 ? now : undefined;
  });
  stage.verify('the folder is written on without a topic', more > before, `${more - before} lines meanwhile`);
  for (const id of [1, 2]) await kafka.broker(id).process.start();
  mark('both brokers are back');
}

function judge(stage: DemoStage, where: string, checks: readonly LineCheck[], written: number): void {
  const [missing, twice] = [sum(checks, 'missing'), sum(checks, 'duplicates')];
  const [wrong, damaged] = [sum(checks, 'outOfOrder'), sum(checks, 'damaged')];
  stage.verify(
    `every line that was written is in the ${where}, once and in order`,
    missing + twice + wrong + damaged === 0 && sum(checks, 'lines') === written,
    `${written} written, ${sum(checks, 'lines')} there: ${missing} missing, ${twice} twice, ${wrong} out of order, ` +
      `${damaged} damaged`,
  );
}

const sum = (checks: readonly LineCheck[], what: 'lines' | 'missing' | 'duplicates' | 'outOfOrder' | 'damaged') =>
  checks.reduce((total, one) => total + one[what], 0);
