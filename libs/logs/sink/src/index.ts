/** Where collected logs end up. */
export { type BatchFile, formatBatchName, inOrder, parseBatchName } from './batch-name.js';
export { FileSink } from './file-sink.js';
export { currentOwner, type Owner } from './ownership.js';
export { KafkaSink, type KafkaSinkOptions } from './kafka/kafka-sink.js';
export { CONTINUED, messagesOf, OFFSET, type LineMessage } from './kafka/messages.js';
export { type CollectedSource, collectedSource, collectedSources, readSource } from './read-sink.js';
export type { Batch, Sink, SourceSink } from './sink.js';
