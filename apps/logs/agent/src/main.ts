/** One agent. Its environment is described in `config.ts`. */
import { runService } from '@menagerie/service';
import { AppModule } from './app.module.js';
import { agentConfig } from './config.js';

await runService({
  name: 'logs/agent',
  instance: (config) => config.agentId,
  config: agentConfig,
  module: AppModule,
});
