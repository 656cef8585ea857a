/** One shop of a flash sale. Several sell the same stock. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { flashSaleConfig } from './config.js';

await runPattern({
  name: 'platform/flash-sale',
  about: 'sells limited stock under a lock, or, to be compared with, without one',
  config: flashSaleConfig,
  variables: {
    SALE_DATABASE: 'mysql://user:password@host:port/database',
    SALE_LOCK: 'on (default), or off: then it oversells',
    SALE_THINK_MS: 'between the look at the stock and the sale, as long as a payment takes; default 5',
  },
  module: AppModule,
});
