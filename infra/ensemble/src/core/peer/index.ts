export * from './options.js';
export { createPeer } from './peer.js';
