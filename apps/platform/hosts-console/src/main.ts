/** The console: who is there, how they are, and orders to them. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { consoleConfig } from './config.js';

await runPattern({
  name: 'platform/hosts-console',
  about: 'shows which hosts are there and how they are, and gives them orders',
  config: consoleConfig,
  variables: { CONSOLE_HOLD_MS: 'a host is gone for so long before it is called lost; default 5000' },
  module: AppModule,
});
