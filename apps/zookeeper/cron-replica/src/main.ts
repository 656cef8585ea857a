/** One replica. Three of them need nothing else: each carries a member of the ensemble that they coordinate through. */
import { runService } from '@menagerie/service';
import { AppModule } from './app.module.js';
import { config } from './config.js';

await runService({
  name: 'zookeeper/cron-replica',
  instance: ({ memberId }) => `replica-${memberId}`,
  config,
  module: AppModule,
});
