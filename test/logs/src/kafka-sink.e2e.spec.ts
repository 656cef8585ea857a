import { logsPaths } from '@menagerie/logs-core';
import { TestKafka } from '@menagerie/kafka-testing';
import { KafkaSink } from '@menagerie/logs-sink';
import { TestLogs } from '@menagerie/logs-testing';
import { startTestEnsemble, type TestEnsemble, waitFor } from '@menagerie/zookeeper-testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const FINE = { missing: 0, duplicates: 0, outOfOrder: 0, damaged: 0 };
const TOPIC = 'logs';

describe('a Kafka topic as a sink', () => {
  let ensemble: TestEnsemble;
  let kafka: TestKafka;
  let logs: TestLogs;

  beforeAll(async () => {
    ensemble = await startTestEnsemble({ servers: 1, tickTimeMs: 500 });
    kafka = await TestKafka.start({ zkConnect: ensemble.connectString, brokers: 3 });
    logs = await TestLogs.start({
      zkConnect: ensemble.connectString,
      collectors: 2,
      agents: 1,
      sources: 3,
      kafka: { brokers: kafka.bootstrap, topic: TOPIC },
    });
  });
  afterAll(async () => {
    await logs?.close();
    await kafka?.close();
    await ensemble?.close();
  });

  const writeAll = (lines: number): void => {
    for (const writer of logs.writers) writer.write(lines);
  };

  it('gets every line once and in order, while a collector and a broker are killed', async () => {
    const [victim] = logs.collectors;
    for (let round = 0; round < 10; round++) writeAll(50);
    await victim?.end('SIGKILL');
    writeAll(200);
    await waitFor(async () => ![...(await logs.owners()).values()].includes(victim?.id ?? ''), {
      timeoutMs: 60_000,
      what: 'its sources with the other',
    });
    await kafka.broker(2).process.end('SIGKILL');
    writeAll(200);
    await victim?.start();
    await kafka.broker(2).process.start();
    writeAll(200);
    for (const check of await logs.collectedInTopic()) expect(check).toMatchObject(FINE);
    for (const check of await logs.collected()) expect(check).toMatchObject(FINE);
  });

  it('refuses an owner of an older generation, and who has the source goes on', async () => {
    const options = { brokers: kafka.bootstrap, clientId: 'test', topic: 'fence', partitions: 1, replicas: 3 };
    const sink = new KafkaSink(options);
    const line = Buffer.from('line\n');
    const zombie = await sink.open('web-01', 17);
    await zombie.append({ from: 0, to: 5, lines: 1, bytes: line });
    const heir = await sink.open('web-01', 18);
    expect(heir.position).toBe(5);
    await expect(zombie.append({ from: 5, to: 10, lines: 1, bytes: line })).rejects.toMatchObject({
      code: 'LOGS_SINK_UNAVAILABLE',
    });
    await expect(sink.open('web-01', 17)).rejects.toMatchObject({
      code: 'LOGS_STALE_GENERATION',
      message: expect.stringContaining('expected a generation of at least 18, got 17'),
    });
    // The attempt has fenced the heir as well: it opens again, and has lost nothing.
    await heir.append({ from: 5, to: 10, lines: 1, bytes: line }).catch(() => undefined);
    const again = await sink.open('web-01', 18);
    expect(again.position).toBe(5);
    await again.append({ from: 5, to: 10, lines: 1, bytes: line });
    expect(again.position).toBe(10);
    for (const each of [zombie, heir, again]) await each.close();
    await sink.close();
  });

  it('holds back nobody but itself when all brokers are gone', async () => {
    for (const { process } of kafka.brokers) await process.end('SIGKILL');
    writeAll(100);
    for (const check of await logs.collected()) expect(check).toMatchObject(FINE);
    await waitFor(
      async () => {
        const statuses = await Promise.all(
          logs.collectors.map(async ({ id }) => (await logs.zk.getData(logsPaths.status(id))).data.toString()),
        );
        return statuses.some((status) => status.includes('"trouble":"kafka: '));
      },
      { timeoutMs: 60_000, what: 'the trouble with Kafka in a report' },
    );
    await Promise.all(kafka.brokers.map(({ process }) => process.start()));
    for (const check of await logs.collectedInTopic(90_000)) expect(check).toMatchObject(FINE);
  });
});
