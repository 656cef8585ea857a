/** A real YARN in a test: ResourceManagers and NodeManagers as processes, to kill and to start again. */
export { repositoryRoot, TestProcess, type TestProcessOptions } from '@menagerie/platform-testing';
export { TestYarn, type TestYarnOptions } from './test-yarn.js';
export { prepareWordCount, readCounts } from './word-count.js';
