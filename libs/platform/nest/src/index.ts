/** What the services of the basic patterns share inside Nest. */
export { checked } from './checked.js';
export { openApi, Operation } from './open-api.js';
export { PatternErrorFilter } from './pattern-error.filter.js';
export { PatternModule } from './pattern.module.js';
export { patternEnv, patternSettings, type PatternConfig } from './pattern-config.js';
export { runPattern } from './run-pattern.js';
