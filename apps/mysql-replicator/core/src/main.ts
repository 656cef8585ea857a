/** One core of the replicator. Its environment is described in `config.ts`. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { coreConfig, coreVariables } from './config.js';

await runPattern({
  name: 'mysql-replicator/core',
  about: 'copies what changes in one database into another, or stands by',
  config: coreConfig,
  variables: coreVariables,
  module: AppModule,
});
