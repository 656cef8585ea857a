export * from './errors.js';
export { PeerClient } from './peer-client.js';
