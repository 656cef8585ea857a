/** Where collected logs end up. */
export { type BatchFile, formatBatchName, inOrder, parseBatchName } from './batch-name.js';
export { type Batch, currentOwner, FileSink, type SourceSink } from './file-sink.js';
export { type CollectedSource, collectedSource, collectedSources, readSource } from './read-sink.js';
