/** One ad server: it serves audiences, and computes them if it is elected to. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { adServerConfig } from './config.js';

await runPattern({
  name: 'platform/ad-server',
  about: 'serves the audiences of a day, which one of the servers computes and shares with the others',
  config: adServerConfig,
  variables: {
    AD_DAY: 'yyyy-mm-dd; default: today (UTC)',
    AD_VISITS: 'a file of visits: user,topic a line',
    AD_SHARED_DIR: 'where results are put, a folder that all servers see',
    AD_PACE_MS: 'a rest after each thousand lines, so that there is something to see; default 0',
  },
  module: AppModule,
});
