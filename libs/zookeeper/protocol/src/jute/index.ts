export * from './limits.js';
export * from './reader.js';
export * from './writer.js';
