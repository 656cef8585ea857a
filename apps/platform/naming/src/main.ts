/** One naming service. Any number of them may run: each id is given once, whoever is asked. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { namingConfig } from './config.js';

await runPattern({
  name: 'platform/naming',
  about: 'names for resources, and ids that are given once in the whole cluster',
  config: namingConfig,
  variables: {},
  module: AppModule,
});
