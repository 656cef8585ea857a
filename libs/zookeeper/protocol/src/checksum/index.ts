export * from './adler32.js';
export * from './crc32.js';
