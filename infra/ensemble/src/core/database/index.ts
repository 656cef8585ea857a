export { createDatabase, type DatabaseOptions, ReplicatedDatabase } from './database.js';
export type { DigestAt, DigestMismatch } from './digest-check.js';
