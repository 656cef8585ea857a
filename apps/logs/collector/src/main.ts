/** One collector. Its environment is described in `config.ts`. */
import { runService } from '@menagerie/service';
import { AppModule } from './app.module.js';
import { collectorConfig } from './config.js';

await runService({
  name: 'logs/collector',
  instance: (config) => config.collectorId,
  config: collectorConfig,
  module: AppModule,
});
