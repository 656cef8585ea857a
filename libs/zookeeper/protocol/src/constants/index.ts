export * from './create-modes.js';
export * from './error-codes.js';
export * from './four-letter-words.js';
export * from './op-codes.js';
export * from './permissions.js';
export * from './watches.js';
export * from './xids.js';
