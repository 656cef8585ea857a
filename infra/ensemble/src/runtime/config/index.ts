export * from './types.js';
export { loadZooCfg, parseZooCfg } from './zoo-cfg.js';
