export { PeerMeters } from './peer-meters.js';
export { Summary } from './summary.js';
