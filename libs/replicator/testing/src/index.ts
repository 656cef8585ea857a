/** Two databases, a shop that writes, and the processes of a replicator. */
export { openShop, SHOP_TABLES } from './shop.js';
export { ShopLoad, type ShopLoadOptions } from './shop-load.js';
export { SOURCE_ARGS, SOURCE_PRIVILEGES, TestDatabases, type TestDatabasesOptions } from './test-databases.js';
export { type CoreOptions, TestReplicator, type TestReplicatorOptions } from './test-replicator.js';
