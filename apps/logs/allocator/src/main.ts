/** One allocator. Its environment is described in `config.ts`. */
import { runService } from '@menagerie/service';
import { AppModule } from './app.module.js';
import { allocatorConfig } from './config.js';

await runService({
  name: 'logs/allocator',
  instance: (config) => config.allocatorId,
  config: allocatorConfig,
  module: AppModule,
});
