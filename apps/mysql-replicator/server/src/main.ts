/** One server of the replicator. Any number of them may run: what two change at once is decided by the version of a node. */
import { runPattern } from '@menagerie/platform-nest';
import { replicatorVariables } from '@menagerie/replicator-nest';
import { AppModule } from './app.module.js';
import { serverConfig } from './config.js';

await runPattern({
  name: 'mysql-replicator/server',
  about: 'makes, starts, stops, edits and compares the tasks of the replicator',
  config: serverConfig,
  variables: { ...replicatorVariables },
  module: AppModule,
});
