export { TlsGate, type TlsPeer } from './gate.js';
export { type PeerTransport, peerTransport, plainTransport } from './peer-transport.js';
