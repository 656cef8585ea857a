/** Failure injection: kill, pause, restart, partition, expire. */
export { Chaos } from './chaos.js';
export { ChaosError, ChaosErrorCode } from './errors.js';
export { whyNoFilter } from './filter/packet-filter.js';
export { expireSession, formatSessionId, parseSessionId, type ServerAddress } from './session/expire-session.js';
