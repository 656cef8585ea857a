/** What can go wrong with the module, beyond what client and recipes say. */

export type ZooKeeperModuleErrorCode =
  /** An option that cannot work; the message names it. */
  | 'ZOOKEEPER_MODULE_OPTION'
  /** A decorator that cannot work where it stands. */
  | 'ZOOKEEPER_MODULE_DECORATOR'
  /** A `@ConfigValue` without a fallback whose node is not there. */
  | 'ZOOKEEPER_MODULE_CONFIG_MISSING'
  /** The embedded member stopped by itself. */
  | 'ZOOKEEPER_MODULE_MEMBER_STOPPED';

export class ZooKeeperModuleError extends Error {
  readonly retryable = false;

  constructor(
    readonly code: ZooKeeperModuleErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'ZooKeeperModuleError';
  }
}
