import { contractOn } from '../../contract/__fixtures__/on-real-servers.js';
import { nodeZooKeeperClientDriver } from './index.js';

contractOn(nodeZooKeeperClientDriver, 'apache');
