/** The menagerie command line. */
export { type CliContext, planInForce, planOfStart } from './context.js';
export { CliError, ExitCode, UsageError } from './errors.js';
export { main } from './main.js';
export { createProgram, type Registration } from './program.js';
export { collectStatus } from './status/collect.js';
export type * from './status/model.js';
