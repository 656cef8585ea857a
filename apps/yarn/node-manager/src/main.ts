/** One NodeManager. Its environment is described in `config.ts`. */
import { runService } from '@menagerie/service';
import { AppModule } from './app.module.js';
import { nodeManagerConfig } from './config.js';

await runService({
  name: 'yarn/node-manager',
  instance: (config) => config.nodeName,
  config: nodeManagerConfig,
  module: AppModule,
});
