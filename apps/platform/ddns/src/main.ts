/** DDNS: one or several of its parts in this process. */
import { runPattern } from '@menagerie/platform-nest';
import { DdnsModule } from './app.module.js';
import { ddnsConfig } from './config.js';

await runPattern({
  name: 'platform/ddns',
  about: 'names that applications give themselves, resolved with no resolver in between',
  config: ddnsConfig,
  variables: {
    DDNS_PARTS: 'register, dispatcher, scanner, monitor, controller, separated by commas; default: all',
    DDNS_PORT: 'where the dispatcher answers DNS over UDP and TCP; 0 (default) for not at all',
    DDNS_REPORT_MS: 'a provider reports so often; default 5000',
    DDNS_MISSES: 'out after so many reports missed; default 3, the strict rule is 1',
    DDNS_CONTROL_TOKEN: 'what the controller asks for as a bearer token; without it, it obeys nobody',
  },
  module: DdnsModule,
});
