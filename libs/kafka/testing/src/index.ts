/** A real Kafka in a test: brokers as processes, to kill and to start again. */
export { committedBatches, CommittedReader, type CommittedRecord } from './committed-reader.js';
export { connectToAll } from './connect-to-all.js';
export {
  TestKafka,
  type BrokerView,
  type PartitionView,
  type TestBroker,
  type TestKafkaOptions,
} from './test-kafka.js';
