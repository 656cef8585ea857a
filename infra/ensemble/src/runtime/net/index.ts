export { type ClientSocket } from './client-socket.js';
export { ClientListener, type ClientListenerOptions } from './client-listener.js';
export { ElectionLinks, type ElectionLinksOptions } from './election-links.js';
export { LeaderConnection, type LeaderConnectionOptions } from './leader-connection.js';
export { LearnerLinks, type LearnerLinksOptions } from './learner-links.js';
export type { HostPort, NetLog } from './types.js';
