/** One config center. Any number of them may run: what two publish at once is decided by the version of a node. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { configCenterConfig } from './config.js';

await runPattern({
  name: 'platform/config-center',
  about: 'publishes, validates, compares, takes back and audits configuration',
  config: configCenterConfig,
  variables: { CONFIG_SECRET_FILE: 'holds the credentials of all config centers; made when it is missing' },
  module: AppModule,
});
