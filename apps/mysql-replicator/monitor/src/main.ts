/** One monitor of the replicator. It only reads. */
import { runPattern } from '@menagerie/platform-nest';
import { replicatorVariables } from '@menagerie/replicator-nest';
import { AppModule } from './app.module.js';
import { monitorConfig } from './config.js';

await runPattern({
  name: 'mysql-replicator/monitor',
  about: 'shows who runs which copy, how far it is, and since when nobody runs it',
  config: monitorConfig,
  variables: { ...replicatorVariables },
  module: AppModule,
});
