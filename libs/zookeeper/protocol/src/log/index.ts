export * from './reader.js';
export * from './record.js';
