export { AppModule } from './app.module.js';
export { nodeManagerConfig, type NodeManagerConfig } from './config.js';
