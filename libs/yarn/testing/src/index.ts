/** A real YARN in a test: ResourceManagers and NodeManagers as processes, to kill and to start again. */
export { TestProcess, type TestProcessOptions } from './test-process.js';
export { repositoryRoot, TestYarn, type TestYarnOptions } from './test-yarn.js';
export { prepareWordCount, readCounts } from './word-count.js';
