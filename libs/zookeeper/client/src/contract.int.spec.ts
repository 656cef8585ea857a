/** The contract of the client: each driver on each kind of server, in one run. */
import { LinkProxy, engineAvailable, startTestEnsemble, waitFor, type Engine } from '@menagerie/zookeeper-testing';
import { clientContract } from './contract/index.js';
import { nodeZooKeeperClientDriver } from './drivers/node-zookeeper-client/index.js';
import { protocolDriver } from './drivers/protocol/index.js';

/** What some of its promises need an operator to switch on, and containers to be looked at before a minute has passed. */
const options = {
  config: { extendedTypesEnabled: 'true' },
  systemProperties: { 'znode.container.checkIntervalMs': '200' },
} as const;

for (const driver of [protocolDriver, nodeZooKeeperClientDriver]) {
  for (const engine of ['apache', 'menagerie'] satisfies Engine[]) {
    const { available, reason } = engineAvailable(engine);
    clientContract({
      name: `${driver.driverName} on ${engine}`,
      driver,
      skip: available ? null : reason,
      startEnsemble: (servers) => startTestEnsemble({ servers, engine, ...options }),
      startLink: (target) => LinkProxy.start(target),
      waitFor,
    });
  }
}
