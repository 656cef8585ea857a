/** The contract of the client, with the default driver, on each kind of server. */
import { LinkProxy, engineAvailable, startTestEnsemble, waitFor, type Engine } from '@menagerie/zookeeper-testing';
import { clientContract } from '../../contract/index.js';
import { nodeZooKeeperClientDriver } from './index.js';

for (const engine of ['apache', 'menagerie'] satisfies Engine[]) {
  const { available, reason } = engineAvailable(engine);
  clientContract({
    name: `node-zookeeper-client on ${engine}`,
    driver: nodeZooKeeperClientDriver,
    skip: available ? null : reason,
    startEnsemble: (servers) => startTestEnsemble({ servers, engine }),
    startLink: (target) => LinkProxy.start(target),
    waitFor,
  });
}
