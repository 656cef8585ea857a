/** One worker of the queue; it also takes items in. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { workQueueConfig } from './config.js';

await runPattern({
  name: 'platform/work-queue',
  about: 'takes work items first in, first out; what kills three workers is set aside',
  config: workQueueConfig,
  variables: {
    QUEUE_NAME: 'default work',
    QUEUE_LIMIT: 'items that may wait; default 1000',
    QUEUE_CONSUMES: 'true (default), or false: it only takes items in',
    QUEUE_WORK_MS: 'an item takes at least so long; default 5',
    DATA_DIR: 'where the ledger of what was done is kept',
  },
  module: AppModule,
});
