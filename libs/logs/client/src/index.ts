/** Asks the allocators of log collection. */
export { LogsClient, type LogsClientOptions } from './logs-client.js';
