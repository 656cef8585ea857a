/** One provider of the product catalogue. Any number of them may run; consumers find each by itself. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { providerConfig } from './config.js';

await runPattern({
  name: 'dubbo/provider',
  about: 'a product catalogue over a data file, as the Dubbo service shop.Catalogue',
  config: providerConfig,
  variables: {
    DUBBO_PORT: 'where the service is called; 0 for any free port',
    PROVIDER_DATA_FILE: 'the products, JSON; default those in data/',
    PROVIDER_REGISTER_MODE: 'listed by interface, under its application (instance), or all (default)',
    PROVIDER_WEIGHT: 'share of the traffic, 100 being usual',
    PROVIDER_WARMUP_MS: 'until it has its whole share; default ten minutes',
    PROVIDER_TAG: 'only for calls with this tag',
  },
  module: AppModule,
});
