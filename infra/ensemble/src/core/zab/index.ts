export type { ZabTiming } from './role.js';
