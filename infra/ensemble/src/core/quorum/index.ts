export * from './config-text.js';
export * from './server-value.js';
export * from './types.js';
export * from './verifier.js';
export * from './membership.js';
