export * from './types.js';
export { MemberFiles } from './member-files.js';
export { loadZooCfg, parseZooCfg } from './zoo-cfg.js';
