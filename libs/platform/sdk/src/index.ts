/** What applications take to use the config center and DDNS. */
export { type Applied, ConfigClient, type ConfigClientOptions, type WatchedOptions } from './config/config-client.js';
export { type Kept, LastGood } from './disk/last-good.js';
export { DdnsClient, type DdnsClientOptions, type Table } from './ddns/ddns-client.js';
export { ProviderPresence, type PresenceOptions } from './ddns/provider-presence.js';
