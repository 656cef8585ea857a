export * from './job.js';
export * from './settings.js';
export * from './splits.js';
export * from './words.js';
