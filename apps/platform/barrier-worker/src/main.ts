/** One party of a parallel computation that begins together, ends together, and is merged. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { barrierWorkerConfig } from './config.js';

await runPattern({
  name: 'platform/barrier-worker',
  about: 'counts the words of its share of a file, between the two gates of a double barrier',
  config: barrierWorkerConfig,
  variables: {
    BARRIER_RUN: 'names the computation',
    BARRIER_PARTIES: 'how many begin together',
    BARRIER_SHARES: 'into how many shares the file is cut; default: one a party',
    BARRIER_SHARE: 'which share this party has, from 0',
    BARRIER_FILE: 'a text file',
    BARRIER_PACE_MS: 'a rest after each thousand lines, so that there is something to see; default 0',
  },
  module: AppModule,
});
