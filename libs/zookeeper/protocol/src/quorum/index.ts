export * from './packet.js';
export * from './payloads.js';
export * from './stream-decoder.js';
export * from './types.js';
