/** A ResourceManager: one of two or more, of which one is active. */
import { runService } from '@menagerie/service';
import { AppModule } from './app.module.js';
import { config } from './config/config.js';

await runService({
  name: 'yarn/resource-manager',
  instance: ({ rmId }) => rmId,
  config,
  module: AppModule,
});
