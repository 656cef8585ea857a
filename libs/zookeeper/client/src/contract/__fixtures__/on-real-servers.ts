/** The contract of the client, for one driver on one kind of server. */
import {
  LinkProxy,
  engineAvailable,
  startTestEnsemble,
  waitFor,
  type ProcessEngine,
} from '@menagerie/zookeeper-testing';
import type { DriverFactory } from '../../driver.js';
import { clientContract } from '../index.js';

/** What some of its promises need an operator to switch on, and containers to be looked at before a minute has passed. */
const options = {
  config: { extendedTypesEnabled: 'true' },
  systemProperties: { 'znode.container.checkIntervalMs': '200' },
} as const;

export function contractOn(driver: DriverFactory, engine: ProcessEngine): void {
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
