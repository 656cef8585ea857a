/** MariaDB servers in private folders. */
export { DatabaseError, type DatabaseErrorCode } from './errors.js';
export { databaseMissing } from './install.js';
export { type DatabaseAddress, MariaDb, type MariaDbOptions } from './mariadb.js';
