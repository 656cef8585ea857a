/** The names of the groups. */
export const ENSEMBLE = 'ensemble';
export const RESOURCE_MANAGER = 'yarn/resource-manager';
export const NODE_MANAGER = 'yarn/node-manager';
export const KAFKA_BROKER = 'kafka/broker';
export const LOGS_ALLOCATOR = 'logs/allocator';
export const LOGS_COLLECTOR = 'logs/collector';
export const LOGS_AGENT = 'logs/agent';
export const CONFIG_CENTER = 'platform/config-center';
export const NAMING = 'platform/naming';
export const DDNS = 'platform/ddns';
export const DUBBO_PROVIDER = 'dubbo/provider';
export const DUBBO_CONSUMER = 'dubbo/consumer';
export const DUBBO_ADMIN = 'dubbo/admin';
