/**
 * A sink that is a Kafka topic, fenced and exact for readers that read what is committed.
 *
 * - **Exactly once.** A batch's lines and the position behind them are one transaction: the lines go to the topic, the
 *   position is the committed offset of a group that is the source's own (`logs.<source>`), as in Kafka's pattern of
 *   consuming and producing in one step (KIP-98).
 * - **Fence.** All owners of a source use one transactional id, so whoever initializes it stops every producer before. The
 *   generation stands beside the position, in the offset's metadata: a predecessor that wakes and initializes the id again
 *   finds a later one there and gives up; the rightful owner, whom it has fenced for a moment, takes it back.
 */
import { checkName, isLogsError, LogsError } from '@menagerie/logs-core';
import { type Admin, Kafka, logLevel, type Producer, type Transaction } from 'kafkajs';
import type { Batch, Sink, SourceSink } from '../sink.js';
import { messagesOf } from './messages.js';

export interface KafkaSinkOptions {
  /** `host:port`, at least one. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly topic: string;
  /** Used when the topic is not there yet. */
  readonly partitions: number;
  readonly replicas: number;
}

/** Of one record batch: below a broker's `message.max.bytes` (1,048,588 by default) with room for its header. */
const MAX_GROUP_BYTES = 900_000;
const CONNECT_MS = 5_000;
const ANSWER_MS = 15_000;
/** The broker gives up a transaction that nobody ends. */
const TRANSACTION_MS = 60_000;
/** The group's offset is kept under this partition, wherever the lines are. */
const POSITION_PARTITION = 0;
const GEN = /^gen=(?<gen>\d{1,15})$/;

export class KafkaSink implements Sink {
  private readonly kafka: Kafka;
  private admin: Promise<Admin> | null = null;

  constructor(private readonly options: KafkaSinkOptions) {
    this.kafka = new Kafka({
      clientId: options.clientId,
      brokers: [...options.brokers],
      connectionTimeout: CONNECT_MS,
      requestTimeout: ANSWER_MS,
      logLevel: logLevel.NOTHING,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000 },
    });
  }

  async open(source: string, gen: number): Promise<SourceSink> {
    checkName(source, 'a source');
    return await this.unavailable(async () => {
      const admin = await this.connected();
      const producer = this.kafka.producer({
        transactionalId: `logs.${source}`,
        idempotent: true,
        maxInFlightRequests: 1,
        transactionTimeout: TRANSACTION_MS,
      });
      try {
        await producer.connect();
        // Fences whoever was there before, and waits until what they had begun is decided.
        const first = await producer.transaction();
        const { position, owner } = await this.committed(admin, source, first);
        if (owner > gen) {
          await first.abort().catch(() => undefined);
          const expected = `expected a generation of at least ${owner}`;
          throw new LogsError('LOGS_STALE_GENERATION', `${this.where(source)}: ${expected}, got ${gen}`, false);
        }
        await commit(first, this.options.topic, source, position, gen);
        return new KafkaSource(producer, this, this.options.topic, source, gen, position);
      } catch (error) {
        await producer.disconnect().catch(() => undefined);
        throw error;
      }
    });
  }

  async close(): Promise<void> {
    const admin = await this.admin?.catch(() => null);
    this.admin = null;
    await admin?.disconnect().catch(() => undefined);
  }

  where(source: string): string {
    return `topic ${this.options.topic}, ${source}`;
  }

  /** What a client library says becomes one error that says where and that it may pass. */
  async unavailable<T>(what: () => Promise<T>): Promise<T> {
    try {
      return await what();
    } catch (error) {
      if (isLogsError(error)) throw error;
      const why = error instanceof Error ? error.message : String(error);
      throw new LogsError('LOGS_SINK_UNAVAILABLE', `topic ${this.options.topic}: ${why}`, true, { cause: error });
    }
  }

  private async connected(): Promise<Admin> {
    this.admin ??= this.prepare();
    try {
      return await this.admin;
    } catch (error) {
      this.admin = null;
      throw error;
    }
  }

  private async prepare(): Promise<Admin> {
    const { topic, partitions, replicas } = this.options;
    const admin = this.kafka.admin();
    try {
      await admin.connect();
      if (!(await admin.listTopics()).includes(topic)) {
        const wanted = { topic, numPartitions: partitions, replicationFactor: replicas };
        // False when somebody else was faster.
        await admin.createTopics({ topics: [wanted], waitForLeaders: true });
      }
      return admin;
    } catch (error) {
      await admin.disconnect().catch(() => undefined);
      throw error;
    }
  }

  private async committed(
    admin: Admin,
    source: string,
    transaction: Transaction,
  ): Promise<{ readonly position: number; readonly owner: number }> {
    try {
      const { topic } = this.options;
      const [found] = await admin.fetchOffsets({ groupId: groupOf(source), topics: [topic] });
      const mine = found?.partitions.find(({ partition }) => partition === POSITION_PARTITION);
      const owner = Number(GEN.exec(mine?.metadata ?? '')?.groups?.['gen'] ?? 0);
      return { position: Math.max(0, Number(mine?.offset ?? 0)), owner };
    } catch (error) {
      await transaction.abort().catch(() => undefined);
      throw error;
    }
  }
}

class KafkaSource implements SourceSink {
  /** A transaction whose end is not known has been begun: only a new owner can tell where the topic ends. */
  private broken = false;

  constructor(
    private readonly producer: Producer,
    private readonly sink: KafkaSink,
    private readonly topic: string,
    private readonly source: string,
    private readonly gen: number,
    /** Invariant: the position of the last transaction that is known to be committed. */
    public position: number,
  ) {}

  async append(batch: Batch): Promise<void> {
    const { from, to } = batch;
    if (from !== this.position || to <= from || this.broken) {
      const expected = this.broken ? 'expected to be opened again' : `expected a batch from ${this.position}`;
      const message = `${this.sink.where(this.source)}: ${expected}, got one from ${from} to ${to}`;
      throw new LogsError('LOGS_OUT_OF_ORDER', message, false);
    }
    await this.sink.unavailable(async () => {
      this.broken = true;
      const transaction = await this.producer.transaction();
      for (const messages of messagesOf(this.source, batch, MAX_GROUP_BYTES)) {
        await transaction.send({ topic: this.topic, acks: -1, messages });
      }
      await commit(transaction, this.topic, this.source, to, this.gen);
      this.broken = false;
    });
    this.position = to;
  }

  async close(): Promise<void> {
    await this.producer.disconnect().catch(() => undefined);
  }
}

const groupOf = (source: string): string => `logs.${source}`;

/** The position goes with the transaction: both are there, or neither. */
async function commit(transaction: Transaction, topic: string, source: string, position: number, gen: number) {
  const offset = { partition: POSITION_PARTITION, offset: String(position), metadata: `gen=${gen}` };
  await transaction.sendOffsets({ consumerGroupId: groupOf(source), topics: [{ topic, partitions: [offset] }] });
  await transaction.commit();
}
