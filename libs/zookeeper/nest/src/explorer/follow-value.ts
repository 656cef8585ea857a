/** A property that holds what a node holds. */
import type { ZooKeeperClient } from '@menagerie/zookeeper-client';
import { NodeCache, type CachedNode } from '@menagerie/zookeeper-recipes';
import type { ConfigValueOptions } from '../decorators.js';
import { ZooKeeperModuleError } from '../errors.js';
import type { Role } from '../lifecycle/roles.js';

export interface FollowedValue extends ConfigValueOptions<unknown> {
  readonly path: string;
  readonly set: (value: unknown) => void;
  readonly logger: { error(message: string): void };
}

/**
 * Resolves when the property has its first value. A later one that is no good, or a node that goes, leaves the last good
 * value: an application does not stop because somebody mistyped.
 * @throws ZooKeeperModuleError when there is neither a node nor a fallback; what `parse` throws of the first value
 */
export async function followValue(client: ZooKeeperClient, value: FollowedValue): Promise<Role> {
  const { path, set, logger, parse = (data: Buffer): unknown => data.toString() } = value;
  let isFirst = true;
  const apply = ({ data, stat }: CachedNode) => {
    try {
      set(parse(data));
    } catch (error) {
      if (isFirst) throw error;
      logger.error(`${path}: version ${stat.version} is no good and was not applied: ${String(error)}`);
    }
  };
  const cache = new NodeCache(client, path, {
    onEvent: (event) => {
      if (isFirst) return;
      if (event.kind !== 'removed') apply(event.node);
      else if ('fallback' in value) set(value.fallback);
    },
    onFailure: (error) => logger.error(`${path} is not followed any more: ${String(error)}`),
  });
  try {
    await cache.start();
    const { current } = cache;
    if (current !== null) apply(current);
    else if ('fallback' in value) set(value.fallback);
    else {
      const message = `@ConfigValue: expected a value at ${path}, found none, and there is no fallback`;
      throw new ZooKeeperModuleError('ZOOKEEPER_MODULE_CONFIG_MISSING', message);
    }
  } catch (error) {
    await cache.close();
    throw error;
  }
  isFirst = false;
  return { name: `the value of ${path}`, close: () => cache.close() };
}
