export * from './core/contract/index.js';
