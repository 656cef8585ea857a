/** Makes a kafkajs producer know every broker before a test breaks one. */
import { type Kafka, type Producer } from 'kafkajs';

const TOPIC = 'led-by-each';

/**
 * kafkajs asks the brokers that it is connected to who leads, and no others. One that has only ever spoken to a single
 * broker asks that one again and again, for as long as it stands still with its connections open. Whoever produces to
 * topics on several brokers, as most do, does not get there.
 *
 * @param brokerIds all of them, and all running
 */
export async function connectToAll(client: Kafka, producer: Producer, brokerIds: readonly number[]): Promise<void> {
  const admin = client.admin();
  await admin.connect();
  try {
    // One partition a broker, spread over all: each leads one.
    const count = brokerIds.length;
    const topics = [{ topic: TOPIC, numPartitions: count, replicationFactor: count }];
    // False when it is there already.
    await admin.createTopics({ topics, waitForLeaders: true });
  } finally {
    await admin.disconnect();
  }
  const messages = brokerIds.map((_, partition) => ({ partition, value: 'hello' }));
  await producer.send({ topic: TOPIC, acks: -1, messages });
}
