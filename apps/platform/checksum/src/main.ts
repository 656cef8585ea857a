/** One worker of a checksum job; any of them is its console as well. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { checksumConfig } from './config.js';

await runPattern({
  name: 'platform/checksum',
  about: 'checksums a directory tree together with others, and says how far it is',
  config: checksumConfig,
  variables: {
    CHECKSUM_PACE_MS: 'a rest after each file, so that there is something to see; default 0',
  },
  module: AppModule,
});
