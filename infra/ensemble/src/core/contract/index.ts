/**
 * The seams of the core. Three parts meet here and nowhere else:
 *
 *     clients -> [ request server ] -> [ peer (ZAB) ] -> other servers
 *                        \                  /
 *                         [    database    ]
 *
 * and the runtime (or the simulator) stands around them with sockets, files and a clock.
 */
export * from './client-link.js';
export * from './database.js';
export * from './env.js';
export * from './peer.js';
export * from './proposal.js';
export * from './request-server.js';
