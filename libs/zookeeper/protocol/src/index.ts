export * from './constants/index.js';
export * from './errors.js';
export * from './quorum/types.js';
export * from './txn/types.js';
export * from './types.js';
