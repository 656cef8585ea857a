export * from './greeting.js';
export * from './notification.js';
export * from './stream-decoder.js';
