/** The agent of one host. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { agentConfig } from './config.js';

await runPattern({
  name: 'platform/hosts-agent',
  about: 'says that its host is there and how it is, and does what it is told',
  config: agentConfig,
  variables: {
    AGENT_HOST: 'the name of the host; default: that of the machine',
    AGENT_FIGURES_MS: 'figures so often; default 2000, and 10000 for many hosts',
    DATA_DIR: 'keeps the version that the agent was upgraded to; its disk is the one measured',
  },
  module: AppModule,
});
