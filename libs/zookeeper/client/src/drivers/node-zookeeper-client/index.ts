/** The other driver, for those who trust what they know. */
import { driverFactory } from '../../driver.js';
import { NodeZooKeeperClientDriver } from './driver.js';

/** Stands on the node-zookeeper-client package, and can no more than it can. */
export const nodeZooKeeperClientDriver = driverFactory(
  'node-zookeeper-client',
  [],
  (options) => new NodeZooKeeperClientDriver(options),
);
