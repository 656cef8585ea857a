export {
  apacheAvailable,
  engineAvailable,
  menagerieAvailable,
  type Availability,
  type Engine,
  type ProcessEngine,
} from './ensemble/engines.js';
export type { Command } from './ensemble/child-process.js';
export {
  TestEnsemble,
  startTestEnsemble,
  type ServerPlace,
  type TestEnsembleOptions,
} from './ensemble/test-ensemble.js';
export { TestServer } from './ensemble/test-server.js';
export {
  CLIENT_SUBJECT,
  STORE_PASSWORD,
  createCertificates,
  type CertifiedParty,
  type Certificates,
} from './certificates.js';
export { TestKitError, type TestKitErrorCode } from './errors.js';
export { expireSession, type ExpireTarget } from './expire-session.js';
export { fourLetterWord, serverMode } from './four-letter-word.js';
export { allocatePort, allocatePorts, releasePort } from './ports.js';
export * from './history/index.js';
export { LinkProxy, type LinkTarget } from './proxy/link-proxy.js';
export type { ObservedReply } from './proxy/observed-reply.js';
export { RECONFIGURABLE, reconfigure, type ReconfigureTarget } from './reconfigure.js';
export { randomSeed, seededRandom } from './random.js';
export { waitFor, type WaitOptions } from './wait-for.js';
