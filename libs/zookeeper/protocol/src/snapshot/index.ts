export * from './decode.js';
export * from './encode.js';
export * from './types.js';
