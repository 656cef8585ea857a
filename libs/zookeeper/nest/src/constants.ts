/** Tokens of this module. Public: `ZOOKEEPER_CLIENT`. */
export const ZOOKEEPER_CLIENT = Symbol('ZOOKEEPER_CLIENT');
export const ZOOKEEPER_OPTIONS = Symbol('ZOOKEEPER_OPTIONS');
export const ZOOKEEPER_MEMBER = Symbol('ZOOKEEPER_MEMBER');
