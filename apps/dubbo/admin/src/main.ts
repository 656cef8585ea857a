/** One admin. It holds nothing: what it shows and changes is in the tree, so any number of them may run. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { adminConfig } from './config.js';

await runPattern({
  name: 'dubbo/admin',
  about: 'services, providers, consumers, rules and live traffic of a Dubbo registry',
  config: adminConfig,
  variables: {},
  module: AppModule,
});
