/** A provider: serves something, under a name that it registers and reports for. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { providerConfig } from './config.js';

await runPattern({
  name: 'platform/ddns-provider',
  about: 'serves under a name that it registers and reports for',
  config: providerConfig,
  variables: {
    PROVIDER_APP: 'the application whose name it is',
    PROVIDER_DOMAIN: 'the name',
    PROVIDER_REGISTER: 'the Register, http://host:port',
    PROVIDER_REPORT_MS: 'reports so often; default 5000',
  },
  module: AppModule,
});
