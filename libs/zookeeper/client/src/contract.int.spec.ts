/** The contract of the client: each driver on each kind of server, in one run. */
import { LinkProxy, engineAvailable, startTestEnsemble, waitFor, type Engine } from '@menagerie/zookeeper-testing';
import { clientContract } from './contract/index.js';
import { nodeZooKeeperClientDriver } from './drivers/node-zookeeper-client/index.js';
import { protocolDriver } from './drivers/protocol/index.js';

for (const driver of [protocolDriver, nodeZooKeeperClientDriver]) {
  for (const engine of ['apache', 'menagerie'] satisfies Engine[]) {
    const { available, reason } = engineAvailable(engine);
    clientContract({
      name: `${driver.driverName} on ${engine}`,
      driver,
      skip: available ? null : reason,
      startEnsemble: (servers) => startTestEnsemble({ servers, engine }),
      startLink: (target) => LinkProxy.start(target),
      waitFor,
    });
  }
}
