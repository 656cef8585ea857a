/** Keeps the list of servers as `/zookeeper/config` has it, through its changes and new sessions. */
import type { ClientLogger, ZooKeeperClient } from './api.js';
import { parseConnectString } from './connect-string.js';
import type { ServerAddress } from './driver.js';

/**
 * Reads the configuration in each session and after each change of it. What can not be read or names no address for
 * clients changes nothing: the servers known so far stay good.
 */
export function followConfig(
  client: Pick<ZooKeeperClient, 'getConfig' | 'on'>,
  logger: ClientLogger,
  onServers: (servers: readonly ServerAddress[]) => void,
): void {
  const read = async (): Promise<void> => {
    try {
      const { members, version } = await client.getConfig({
        watch: ({ type }) => void (type !== 'session-lost' && read()),
      });
      const addresses = members.map(({ clientAddress }) => clientAddress).filter((address) => address !== null);
      if (addresses.length === 0) return logger.debug('the configuration names no address for clients', { version });
      logger.info('servers as the configuration names them', { version, servers: addresses.join(',') });
      onServers(parseConnectString(addresses.join(',')).servers);
    } catch (error) {
      logger.debug('the configuration can not be read', { problem: (error as Error).message });
    }
  };
  client.on('state', ({ reason }) => {
    if (reason === 'session-created') void read();
  });
}
