/** What every system's test kit needs: its processes, to kill and to start again. */
export { repositoryRoot } from './repository-root.js';
export { TestProcess, type TestProcessOptions } from './test-process.js';
