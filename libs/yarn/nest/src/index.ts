/** What the HTTP side of every YARN process has: checked bodies, YARN's errors as answers. */
export { checked } from './checked-body.js';
export { YarnErrorFilter } from './yarn-error.filter.js';
export { YarnHttpModule } from './yarn-http.module.js';
