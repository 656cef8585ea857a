/** Calls over gRPC that are discovered, balanced and tried again. */
export { Connections, type Outgoing } from './connections.js';
export { currentCall, type CallContext } from './context.js';
export { ExportedService, UNREGISTER_GRACE_MS, type ExportOptions } from './export.js';
export { Reference, type CallCounts, type CallOptions, type ReferenceOptions } from './reference.js';
export { DubboServer, type DubboServerOptions, type Handler, type ServedService } from './server.js';
export { DEFAULT_TIMEOUT_MS, MAX_MESSAGE_BYTES, type Attachments } from './wire.js';
