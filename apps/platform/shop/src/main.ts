/** A shop that takes orders into whichever database its configuration names at the moment. */
import { runPattern } from '@menagerie/platform-nest';
import { AppModule } from './app.module.js';
import { shopConfig } from './config.js';

await runPattern({
  name: 'platform/shop',
  about: 'takes orders into a database that is switched while it runs',
  config: shopConfig,
  variables: {
    SHOP_CREDENTIALS: 'name:password, by which it may read its secret /config/shop/db.password',
    DATA_DIR: 'where the last good configuration is kept',
  },
  module: AppModule,
});
