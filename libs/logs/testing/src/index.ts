/** Log collection in a test. */
export { checkLines, type LineCheck } from './line-check.js';
export { LineWriter, type LineWriterOptions } from './line-writer.js';
export { TestLogs, type TestLogsOptions } from './test-logs.js';
