/** The default driver. */
import type { DriverFactory } from '../../driver.js';
import { NodeZooKeeperClientDriver } from './driver.js';

/** Stands on the node-zookeeper-client package: no persistent watches, TTL or container nodes, TLS or SASL. */
export const nodeZooKeeperClientDriver: DriverFactory = (options) => new NodeZooKeeperClientDriver(options);
