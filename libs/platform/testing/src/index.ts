/** What every system's test kit needs: its processes, to kill and to start again. */
export { TestPatterns, type TestPatternsOptions } from './patterns/test-patterns.js';
export { type Answer, TestService } from './patterns/test-service.js';
export { repositoryRoot } from './repository-root.js';
export { TestProcess, type TestProcessOptions } from './test-process.js';
