/** Log collection in a test. */
export { checkLines, type LineCheck, LineCounter } from './line-check.js';
export { LineWriter, type LineWriterOptions } from './line-writer.js';
export { TestLogs, type TestLogsOptions } from './test-logs.js';
export { checkTopic, type TopicCheckOptions } from './topic-check.js';
