/** What the services of the basic patterns share inside Nest. */
export { credentialsIn } from './credentials.js';
export { openApi, Operation } from './open-api.js';
export { PatternModule } from './pattern.module.js';
export { patternEnv, patternSettings, type PatternConfig } from './pattern-config.js';
export { runPattern } from './run-pattern.js';
export { Work, mayPass } from './work.js';
