export { type Expiring, ExpiryBuckets } from './expiry-buckets.js';
export { serverOfSession, SessionIds } from './session-ids.js';
export { SessionTracker, TrackedSession } from './session-tracker.js';
export { TouchTable } from './touch-table.js';
