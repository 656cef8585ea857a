import type { ServerConfig } from '../config/index.js';
import { ZkServer, type StartOptions } from './zk-server.js';

export { ZkServer, type StartOptions };

/** Starts a server in this process. @throws ConfigError, PortError, DirectoryError, DamagedDataError */
export const startServer = (config: ServerConfig, options?: StartOptions): Promise<ZkServer> =>
  ZkServer.start(config, options);
