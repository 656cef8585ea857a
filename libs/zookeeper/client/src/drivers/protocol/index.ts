/** The default driver: sockets of its own, the whole protocol, nothing to install beside it. */
import { driverFactory } from '../../driver.js';
import { ProtocolDriver } from './driver.js';

/** Stands on `@menagerie/zookeeper-protocol`. */
export const protocolDriver = driverFactory(
  'protocol',
  [
    'create-stat',
    'container-and-ttl',
    'multi-read',
    'persistent-watches',
    'inquiries',
    'reconfig',
    'tls',
    'sasl',
    'read-only',
  ],
  (options) => new ProtocolDriver(options),
);
