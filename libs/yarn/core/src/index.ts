/** YARN's decisions, pure: elector, state store layout, scheduler, application life. */
export * from './elector/elector.js';
export * from './elector/elector-types.js';
export * from './elector/layout.js';
export * from './elector/neutral-timer.js';
export * from './store/fenced-transaction.js';
export * from './store/layout.js';
export * from './store/root-acl.js';
export * from './store/store-gate.js';
export * from './store/version.js';
export { ActiveServices } from './rm/active-services.js';
export { defaultRmConfig, type RmConfig } from './rm/config.js';
export type { RmLife } from './rm/context.js';
export type { RmEffect } from './rm/effects.js';
export type { StoredApplication } from './rm/recovery.js';
export { parseQueues, type QueueConfig } from './scheduler/queue.js';
export type { SchedulerConfig } from './scheduler/scheduler.js';
